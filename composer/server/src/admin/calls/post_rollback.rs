//! `POST /v1/rollbacks`: puts earlier versions back, at once.

use axum::{Json, extract::State};
use composer_ledger::Act;
use contract::{
    AppName, AppVersion,
    admin::{Action, Finding, NewRollback, ReleaseReply, Severity},
};

use super::post_release::reply;
use crate::{
    admin::{
        access::{Caller, allows},
        extract::Sent,
        failure::Failure,
        origins,
    },
    app::App,
};

/// Withdraws the apps' canary, or goes back to the versions that are named, or to those before.
pub(crate) async fn post_rollback(
    State(app): State<App>,
    caller: Caller,
    Sent(new): Sent<NewRollback>,
) -> Result<Json<ReleaseReply>, Failure> {
    let named: Vec<AppName> = new.apps.iter().map(|each| each.app.clone()).collect();
    allows(&caller, Action::Release, &named)?;
    if named.is_empty() {
        return Err(Failure::broken("`apps` in the body must name one app or more"));
    }
    let facts = app.newest_state().await?;
    let wanted: Vec<_> = new.apps.into_iter().map(|each| (each.app, each.to)).collect();
    let act = facts.rollback_of(&wanted)?;
    let touched = facts.apps_of(&act);
    allows(&caller, Action::Release, &touched)?;
    let findings = match &act {
        Act::RolledBack { apps, .. } => look_at(&app, apps),
        _ => vec![],
    };
    let release = act.release();
    app.act(&caller, act, new.if_revision, new.reason).await?;
    Ok(Json(reply(&*app.state()?, release, &touched, findings)))
}

/// A rollback is not kept waiting: what is missing is told, and done all the same.
fn look_at(app: &App, versions: &[AppVersion]) -> Vec<Finding> {
    let missing = |version: &&AppVersion| app.fleet.instances(version).iter().all(origins::is_broken);
    let silent = versions.iter().filter(missing).map(|version| Finding {
        severity: Severity::Warning,
        rule: "no-instance".into(),
        at: version.to_string(),
        text: "has no instance that answers: start its BFF, until then its fragments are fallbacks".into(),
    });
    silent.collect()
}
