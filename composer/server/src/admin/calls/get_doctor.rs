//! `GET /v1/doctor`: what a person should look at.

use axum::{Json, extract::State};
use contract::admin::{Action, Doctor};

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
    Ok(Json(Doctor {
        store: views::store(&app),
        composer: env!("CARGO_PKG_VERSION").into(),
        findings: checkup(&app, &facts, &caller),
    }))
}
