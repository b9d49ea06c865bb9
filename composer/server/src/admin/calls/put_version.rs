//! `PUT /v1/apps/{app}/versions/{version}`: publishes a version once all its files are there.

use axum::{Json, extract::State};
use contract::{
    AppName, AppVersion, Version,
    admin::{Action, NewVersion, PublishReply},
};
use serde::Deserialize;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Asked, Both, Named, Sent},
        failure::Failure,
    },
    app::App,
};

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    pub(super) dry_run: bool,
}

/// Publishes the version, or tells which files are missing.
pub(crate) async fn put_version(
    State(app): State<App>,
    caller: Caller,
    Named(Both(name, version)): Named<Both<AppName, Version>>,
    Asked(wanted): Asked<Wanted>,
    Sent(new): Sent<NewVersion>,
) -> Result<Json<PublishReply>, Failure> {
    allows(&caller, Action::Publish, std::slice::from_ref(&name))?;
    let version = AppVersion { app: name, version };
    let published = app.registry.publish(caller.actor(), version, new, wanted.dry_run).await;
    Ok(Json(published?))
}
