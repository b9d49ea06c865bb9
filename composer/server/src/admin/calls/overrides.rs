//! `POST /v1/overrides`, `DELETE /v1/overrides/{id}`: a developer's version, for that developer alone.

use axum::{Json, extract::State};
use composer_ledger::Act;
use composer_registry::OverrideError as LoadError;
use contract::admin::{Action, NewOverride, OpenedOverride, Sha256};
use http::StatusCode;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Named, Sent},
        failure::Failure,
        origins,
    },
    app::App,
    overrides::{Overrides, Planned, RENEW, Wanted},
};

/// Opens an override, shows its next build, or renews it.
pub(crate) async fn post_override(
    State(app): State<App>,
    caller: Caller,
    Sent(new): Sent<NewOverride>,
) -> Result<Json<OpenedOverride>, Failure> {
    let name = &new.version.app;
    allows(&caller, Action::Dev, std::slice::from_ref(name))?;
    origins::check(&app, &*app.state()?, name, std::slice::from_ref(&new.origin))?;
    let wanted = Wanted {
        version: &new.version,
        files: &new.files,
        origin: &new.origin,
        id: new.id.as_deref(),
        owner: caller.id.as_str(),
    };
    let planned = app.overrides.plan(&wanted)?;
    if planned.is_same {
        app.show_override(&planned, &wanted, None)?;
        return Ok(Json(opened(&app, &planned, vec![])));
    }
    let loaded = app
        .registry
        .load_override(planned.version.clone(), new.files.clone())
        .await;
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(LoadError::Missing(missing)) => return Ok(Json(opened(&app, &planned, missing))),
        Err(error) => return Err(error.into()),
    };
    if planned.is_new {
        let act = Act::OverrideOpened {
            id: planned.id.clone(),
            version: planned.version.clone(),
            expires_at_ms: planned.expires_at_s.saturating_mul(1_000),
        };
        app.act(&caller, act, None, None).await?;
    }
    app.show_override(&planned, &wanted, Some(loaded))?;
    Ok(Json(opened(&app, &planned, vec![])))
}

fn opened(app: &App, planned: &Planned, missing: Vec<Sha256>) -> OpenedOverride {
    let opened = Overrides::opened(planned, &app.keys, app.prefix());
    OpenedOverride {
        id: opened.id,
        version: opened.version,
        open: if missing.is_empty() { opened.open } else { String::new() },
        missing,
        renew_ms: u64::try_from(RENEW.as_millis()).unwrap_or(u64::MAX),
        expires_at_ms: opened.expires_at_ms,
        findings: vec![],
    }
}

/// Closes an override of one of the caller's apps.
pub(crate) async fn delete_override(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Failure> {
    let open = app.overrides.get(&id).filter(|open| caller.covers(&open.version.app));
    let gone = || {
        Failure::not_found(format!(
            "there is no override `{}`: it may have ended",
            id.escape_debug()
        ))
    };
    let open = open.ok_or_else(gone)?;
    allows(&caller, Action::Dev, std::slice::from_ref(&open.version.app))?;
    app.close_override(&id)
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(gone)
}
