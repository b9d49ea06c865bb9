//! `POST /v1/instances`, `DELETE /v1/instances/{id}`: BFFs say that they are there, and that they go.

use axum::{Json, extract::State};
use contract::admin::{Action, Announcement, Lease};
use http::StatusCode;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Named, Sent},
        failure::Failure,
        origins,
    },
    app::App,
};

/// Takes an announcement, or renews its lease. The version need not be published yet.
pub(crate) async fn post_instance(
    State(app): State<App>,
    caller: Caller,
    Sent(new): Sent<Announcement>,
) -> Result<Json<Lease>, Failure> {
    allows(&caller, Action::Announce, std::slice::from_ref(&new.version.app))?;
    // Renewed again and again: one that is refused a moment late is refused soon enough.
    origins::check(
        &app,
        &*app.state()?,
        &new.version.app,
        std::slice::from_ref(&new.origin),
    )?;
    Ok(Json(app.announce(&new.version, &new.origin)?))
}

/// Ends a lease: no new request goes to the instance.
pub(crate) async fn delete_instance(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Failure> {
    let version = app.instances.version(&id);
    let own = version.filter(|version| caller.covers(&version.app));
    let gone = || {
        Failure::not_found(format!(
            "there is no instance `{}`: its lease may have ended",
            id.escape_debug()
        ))
    };
    let version = own.ok_or_else(gone)?;
    allows(&caller, Action::Announce, std::slice::from_ref(&version.app))?;
    app.leave(&id).map(|_| StatusCode::NO_CONTENT).ok_or_else(gone)
}
