//! Signs in with a token.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Form, Problem, RequestContext, redirect};
use contract::admin::WhoAmI;
use fragments_console::Fields;

use crate::{
    Console,
    admin::{AdminError, For, Token},
    sessions,
    visit::{Why, onward, to_sign_in},
};

/// Checks the token and begins a session with it; what is wrong is told by the sign-in.
pub(crate) async fn post_sign_in(
    context: RequestContext,
    State(console): State<Console>,
    Form(sent): Form<Fields>,
) -> Result<Response, Problem> {
    let to = onward(sent.get("to").map(String::as_str).unwrap_or_default());
    let Some(token) = sent.get("token").and_then(|text| Token::parse(text)) else {
        return Ok(to_sign_in(Why::Refused, &to)?.into_response());
    };
    let whom = For {
        token: &token,
        context: &context,
    };
    let who: WhoAmI = match console.admin.get(whom, "/v1/whoami").await {
        Ok(who) => who,
        Err(error) => {
            tracing::warn!(%error, "no sign-in");
            let refused = matches!(error, AdminError::Refused(_)) && error.signed_out();
            let why = if refused { Why::Refused } else { Why::Unreachable };
            return Ok(to_sign_in(why, &to)?.into_response());
        }
    };
    console.sessions.end(&context);
    tracing::info!(token = %who.id, "signed in");
    let id = console.sessions.begin(token, who)?;
    Ok((sessions::cookie(&context, &id), redirect(&to)?).into_response())
}
