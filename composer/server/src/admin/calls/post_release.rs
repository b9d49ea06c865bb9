//! `POST /v1/releases`: makes versions live, for everybody or as a canary.

use std::collections::BTreeMap;

use axum::{Extension, Json, extract::State};
use composer_ledger::{Act, Checked, Revision, State as Facts};
use contract::{
    AppName, AppVersion,
    admin::{Action, Finding, NewRelease, ReleaseId, ReleaseReply, Severity},
};

use super::put_version::Wanted;
use crate::{
    admin::{
        access::{Caller, allows},
        dry_render::dry_render,
        extract::{Asked, Sent},
        failure::Failure,
        origins,
    },
    app::App,
    request::RequestId,
};

/// Checks the release as a whole, asks its BFFs, and makes it live.
pub(crate) async fn post_release(
    State(app): State<App>,
    caller: Caller,
    id: Option<Extension<RequestId>>,
    Asked(wanted): Asked<Wanted>,
    Sent(new): Sent<NewRelease>,
) -> Result<Json<ReleaseReply>, Failure> {
    let apps: Vec<AppName> = new.apps.iter().map(|version| version.app.clone()).collect();
    allows(&caller, Action::Release, &apps)?;
    if let Some(stranger) = new.origins.keys().find(|name| !apps.contains(name)) {
        let detail = format!("`origins.{stranger}` in the body: `{stranger}` must be one of the apps of the release");
        return Err(Failure::broken(detail));
    }
    let act = Act::Released {
        apps: new.apps.clone(),
        canary: new.canary,
        analysis: new.analysis,
    };
    let facts = app.newest_state().await?;
    for (name, given) in &new.origins {
        origins::check(&app, &facts, name, given)?;
    }
    let checked = facts.check(&act, new.if_revision.map(Revision))?;
    if checked != Checked::New && new.origins.is_empty() {
        return Ok(Json(reply(&facts, None, &apps, vec![])));
    }
    let findings = look_at(&app, &facts, &new.apps, &new.origins, id.as_deref()).await;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Failure::findings(findings));
    }
    if wanted.dry_run {
        return Ok(Json(reply(&facts, None, &apps, findings)));
    }
    set_origins(&app, &caller, &new.apps, new.origins).await?;
    let done = app.act(&caller, act, new.if_revision, new.reason).await?;
    let release = done.changed.then_some(ReleaseId(done.entry.revision.0));
    Ok(Json(reply(&*app.state()?, release, &apps, findings)))
}

/// What stands against the release, or should be known: between the apps, and at their BFFs.
async fn look_at(
    app: &App,
    facts: &Facts,
    versions: &[AppVersion],
    given: &BTreeMap<AppName, Vec<String>>,
    id: Option<&RequestId>,
) -> Vec<Finding> {
    let mut findings = app.registry.check_release(versions).await;
    for version in versions {
        let given = given.get(&version.app).map(Vec::as_slice);
        let origins = origins::usable(app, facts, version, given);
        findings.extend(match app.load(version).await {
            Ok(loaded) => dry_render(app, &loaded.app.manifest, &origins, id).await,
            Err(error) => vec![Finding {
                severity: Severity::Error,
                rule: "unreadable".into(),
                at: version.to_string(),
                text: format!("{error}; publish the version again with the same files"),
            }],
        });
    }
    findings
}

/// Writes down where the BFFs are, before anybody is sent to them. That changes nothing of what is live.
async fn set_origins(
    app: &App,
    caller: &Caller,
    versions: &[AppVersion],
    mut given: BTreeMap<AppName, Vec<String>>,
) -> Result<(), Failure> {
    for version in versions {
        if let Some(origins) = given.remove(&version.app) {
            let version = version.clone();
            let act = Act::OriginsSet { version, origins };
            app.act(caller, act, None, None).await?;
        }
    }
    Ok(())
}

/// What is live of `apps` now.
pub(super) fn reply(
    facts: &Facts,
    release: Option<ReleaseId>,
    apps: &[AppName],
    findings: Vec<Finding>,
) -> ReleaseReply {
    let stable = apps.iter().filter_map(|name| facts.app(name)?.stable_version());
    ReleaseReply {
        release,
        revision: facts.revision().0,
        live: stable.collect(),
        findings,
    }
}
