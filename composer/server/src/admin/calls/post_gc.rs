//! `POST /v1/gc`: forgets versions that nobody has used for long.

use axum::{Json, extract::State};
use contract::admin::{Action, GcReply, GcTerms};

use crate::{
    admin::{
        access::{Caller, allows},
        extract::SentOrUsual,
        failure::Failure,
    },
    app::App,
};

/// Collects garbage, or tells what would go.
pub(crate) async fn post_gc(
    State(app): State<App>,
    caller: Caller,
    SentOrUsual(terms): SentOrUsual<GcTerms>,
) -> Result<Json<GcReply>, Failure> {
    allows(&caller, Action::Admin, &[])?;
    let reached = app
        .fleet
        .versions()
        .into_iter()
        .filter(|version| app.fleet.has_instances(version));
    let reply = app.registry.gc(caller.actor(), terms, reached.collect()).await?;
    app.moment();
    Ok(Json(reply))
}
