//! `PUT /v1/apps/{app}/versions/{version}/origins`: where a version's BFF runs, beside the instances that announce themselves.

use axum::{Json, extract::State};
use composer_ledger::Act;
use contract::{
    AppName, AppVersion, Version,
    admin::{Action, NewOrigins, VersionView},
};

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Both, Named, Sent},
        failure::Failure,
        origins, views,
    },
    app::App,
};

/// Sets all origins of a published version.
pub(crate) async fn put_origins(
    State(app): State<App>,
    caller: Caller,
    Named(Both(name, version)): Named<Both<AppName, Version>>,
    Sent(new): Sent<NewOrigins>,
) -> Result<Json<VersionView>, Failure> {
    allows(&caller, Action::Release, std::slice::from_ref(&name))?;
    let version = AppVersion { app: name, version };
    let facts = app.newest_state().await?;
    origins::check(&app, &facts, &version.app, &new.origins)?;
    let act = Act::OriginsSet {
        version: version.clone(),
        origins: new.origins,
    };
    app.act(&caller, act, None, None).await?;
    let facts = app.state()?;
    Ok(Json(views::version(&app, &facts, &version)))
}
