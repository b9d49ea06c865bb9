//! `POST /v1/releases/{id}/{promote|pause|resume|abort}`: what becomes of a canary.

use axum::{Json, extract::State};
use composer_ledger::{Act, State as Facts};
use contract::{
    AppName,
    admin::{Action, ReleaseChange, ReleaseId, ReleaseReply},
};

use super::post_release::reply;
use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Named, SentOrUsual},
        failure::Failure,
    },
    app::App,
};

type Change = SentOrUsual<ReleaseChange>;
type Reply = Result<Json<ReleaseReply>, Failure>;

/// Makes the canary live for everybody, or for the users of a later step.
pub(crate) async fn promote(State(app): State<App>, by: Caller, Named(id): Named<ReleaseId>, change: Change) -> Reply {
    let mut change = change;
    let act = match change.0.step.take() {
        Some(step) => Act::CanaryStepped { release: id, step },
        None => Act::Promoted { release: id },
    };
    let act = move |_: &Facts| Ok(act);
    change_release(&app, &by, id, act, change).await
}

/// Keeps the canary at its step.
pub(crate) async fn pause(State(app): State<App>, by: Caller, Named(id): Named<ReleaseId>, change: Change) -> Reply {
    let act = |_: &Facts| Ok(Act::CanaryPaused { release: id });
    change_release(&app, &by, id, act, change).await
}

/// Lets the canary grow again.
pub(crate) async fn resume(State(app): State<App>, by: Caller, Named(id): Named<ReleaseId>, change: Change) -> Reply {
    let act = |_: &Facts| Ok(Act::CanaryResumed { release: id });
    change_release(&app, &by, id, act, change).await
}

/// Withdraws the canary; a release that is over is taken back, to what was before it.
pub(crate) async fn abort(State(app): State<App>, by: Caller, Named(id): Named<ReleaseId>, change: Change) -> Reply {
    let act = |facts: &Facts| Ok(facts.take_back(id)?);
    change_release(&app, &by, id, act, change).await
}

async fn change_release(
    app: &App,
    caller: &Caller,
    id: ReleaseId,
    act: impl FnOnce(&Facts) -> Result<Act, Failure>,
    SentOrUsual(change): Change,
) -> Reply {
    if change.step.is_some() {
        return Err(Failure::rule("`step` goes with `promote` only"));
    }
    let facts = app.newest_state().await?;
    let release = facts.release(id);
    let apps: Vec<AppName> = release
        .iter()
        .flat_map(|release| &release.apps)
        .map(|version| version.app.clone())
        .collect();
    // A token that has nothing to do with a release doesn't learn that there is one.
    if !apps.iter().any(|name| caller.covers(name)) {
        return Err(Failure::not_found(format!(
            "release `{id}` is not known; `marquetry history` shows all"
        )));
    }
    allows(caller, Action::Release, &apps)?;
    app.act(caller, act(&facts)?, None, change.reason).await?;
    Ok(Json(reply(&*app.state()?, Some(id), &apps, vec![])))
}
