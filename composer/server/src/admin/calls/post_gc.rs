//! `POST /v1/gc`: forgets versions that nobody has used for long.

use axum::{Json, extract::State};
use composer_fetch::{InstanceState, InstanceView};
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
    // A place that a release named stays written down when the BFF there has long ended.
    let reached = app.fleet.versions().into_iter().filter(|version| {
        let works = |instance: &InstanceView| instance.state != InstanceState::Unhealthy;
        app.fleet.instances(version).iter().any(works)
    });
    let in_use = reached.chain(app.instances.versions()).collect();
    let reply = app.registry.gc(caller.actor(), terms, in_use).await?;
    app.moment();
    Ok(Json(reply))
}
