//! `GET /v1/whoami`: the token that asks.

use axum::{Json, extract::State};
use contract::admin::WhoAmI;

use crate::{
    admin::{
        access::{Caller, Scope},
        failure::Failure,
    },
    app::App,
};

/// Tells what the caller's token is, and what it may do.
pub(crate) async fn get_whoami(State(app): State<App>, caller: Caller) -> Result<Json<WhoAmI>, Failure> {
    let revision = app.state()?.revision().0;
    Ok(Json(WhoAmI {
        id: caller.id,
        name: caller.name,
        team: caller.team,
        apps: match caller.scope {
            Scope::All => None,
            Scope::Only(apps) => Some(apps.into_iter().collect()),
        },
        actions: caller.actions,
        expires_at_ms: caller.expires_at_ms,
        revision,
    }))
}
