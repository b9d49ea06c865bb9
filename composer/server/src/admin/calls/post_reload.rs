//! `POST /v1/reload`: reads the configuration anew.

use axum::{Json, extract::State};
use contract::admin::{Action, Finding, ReloadReply, Severity};

use crate::{
    admin::{
        access::{Caller, allows},
        failure::Failure,
    },
    app::App,
    reload::{self, Reloaded},
};

/// Takes the configuration if all of it is valid, else tells what is wrong with it.
pub(crate) async fn post_reload(State(app): State<App>, caller: Caller) -> Result<Json<ReloadReply>, Failure> {
    allows(&caller, Action::Admin, &[])?;
    let file = app.config().file.clone();
    let Reloaded { changed, needs_restart } = reload::reload(&app).await.map_err(|faults| {
        let finding = |fault| Finding {
            severity: Severity::Error,
            rule: "configuration".into(),
            at: reload::place(fault, &file),
            text: fault.told(),
        };
        Failure::findings(faults.iter().map(finding).collect())
    })?;
    let owned = |keys: Vec<&str>| keys.into_iter().map(str::to_owned).collect();
    Ok(Json(ReloadReply {
        changed: owned(changed),
        needs_restart: owned(needs_restart),
    }))
}
