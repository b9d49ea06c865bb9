//! `POST /v1/purge`: removes kept answers of an app's fragments.

use std::{slice, sync::Arc};

use axum::{Json, extract::State};
use composer_fetch::{
    Purge,
    tags::{MAX_TAG_BYTES, MAX_TAGS, is_tag},
};
use contract::admin::{Action, NewPurge, PurgeReply};
use tokio::task::spawn_blocking;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::Sent,
        failure::Failure,
        views,
    },
    app::App,
};

/// Removes them, and says how many there were.
pub(crate) async fn post_purge(
    State(app): State<App>,
    caller: Caller,
    Sent(wanted): Sent<NewPurge>,
) -> Result<Json<PurgeReply>, Failure> {
    allows(&caller, Action::Release, slice::from_ref(&wanted.app))?;
    check(&wanted)?;
    let facts = app.newest_state().await?;
    if !views::names(&app, &facts).contains(&wanted.app) {
        let detail = format!(
            "there is no app `{}`: nobody owns it, and nothing of it is published",
            wanted.app
        );
        return Err(Failure::not_found(detail));
    }
    let what = Purge {
        app: wanted.app,
        version: wanted.version,
        tags: wanted.tags,
    };
    let cache = Arc::clone(app.fleet.cache());
    let removed = spawn_blocking(move || cache.purge(&what)).await;
    let purged = removed.map_err(|_| Failure::unavailable("the purge was broken off: ask again"))?;
    Ok(Json(PurgeReply { purged: purged as u64 }))
}

fn check(wanted: &NewPurge) -> Result<(), Failure> {
    if wanted.tags.len() > MAX_TAGS {
        let count = wanted.tags.len();
        return Err(Failure::broken(format!(
            "`tags`: must be at most {MAX_TAGS}, got {count}: ask several times"
        )));
    }
    match wanted.tags.iter().find(|tag| !is_tag(tag)) {
        None => Ok(()),
        Some(tag) => Err(Failure::broken(format!(
            "`tags`: must be 1 to {MAX_TAG_BYTES} visible ASCII characters without commas, got `{}`",
            tag.escape_debug()
        ))),
    }
}
