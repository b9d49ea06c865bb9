//! `GET /v1/status`, `GET /v1/apps/{app}`: what is there, and what is live for whom.

use axum::{Json, extract::State};
use composer_ledger::Canary;
use contract::{
    AppName,
    admin::{Action, AppView, Status},
};

use crate::{
    admin::{
        access::{Caller, allows},
        extract::Named,
        failure::Failure,
        views,
    },
    app::App,
    clock::now_ms,
};

/// Tells everything that the caller's token may see.
pub(crate) async fn get_status(State(app): State<App>, caller: Caller) -> Result<Json<Status>, Failure> {
    allows(&caller, Action::Read, &[])?;
    let facts = app.state()?;
    let mut apps = Vec::new();
    for name in views::names(&app, &facts) {
        apps.extend(views::app(&app, &facts, &caller, &name).await);
    }
    let own = |canary: &Canary| canary.apps.iter().any(|version| caller.covers(&version.app));
    let canaries = facts.canaries().filter(|canary| own(canary));
    Ok(Json(Status {
        revision: facts.revision().0,
        at_ms: now_ms(),
        store: views::store(&app),
        canaries: canaries.map(|canary| views::canary(&app, &facts, canary)).collect(),
        apps,
        cache: views::cache(&app),
    }))
}

/// Tells of one app of the caller's.
pub(crate) async fn get_app(
    State(app): State<App>,
    caller: Caller,
    Named(name): Named<AppName>,
) -> Result<Json<AppView>, Failure> {
    allows(&caller, Action::Read, std::slice::from_ref(&name))?;
    let facts = app.state()?;
    let gone = || {
        Failure::not_found(format!(
            "there is no app `{name}`: nobody owns it, and nothing of it is published"
        ))
    };
    if !views::names(&app, &facts).contains(&name) {
        return Err(gone());
    }
    views::app(&app, &facts, &caller, &name)
        .await
        .map(Json)
        .ok_or_else(gone)
}
