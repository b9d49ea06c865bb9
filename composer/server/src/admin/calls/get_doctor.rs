//! `GET /v1/doctor`: what a person should look at.

use axum::{Json, extract::State};
use contract::{
    AppVersion,
    admin::{Action, Doctor, Finding},
};

use crate::{
    admin::{
        access::{Caller, allows},
        checkup::checkup,
        failure::Failure,
        views,
    },
    app::App,
};

/// Looks at everything, and tells what is wrong with it, as far as the caller's token may see.
pub(crate) async fn get_doctor(State(app): State<App>, caller: Caller) -> Result<Json<Doctor>, Failure> {
    allows(&caller, Action::Read, &[])?;
    let facts = app.state()?;
    let mut findings = checkup(&app, &facts, &caller);
    let files = app.registry.check_files().await;
    let app_of = |finding: &Finding| finding.at.parse().map(|version: AppVersion| version.app);
    findings.extend(
        files
            .into_iter()
            .filter(|each| app_of(each).is_ok_and(|app| caller.covers(&app))),
    );
    findings.sort_by_key(|finding| finding.severity);
    Ok(Json(Doctor {
        store: views::store(&app),
        composer: env!("CARGO_PKG_VERSION").into(),
        findings,
    }))
}
