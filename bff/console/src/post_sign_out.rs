//! Signs out.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Problem, RequestContext};

use crate::{
    Console, sessions,
    visit::{Why, to_sign_in},
};

/// Forgets the token, and has the browser forget the session.
pub(crate) async fn post_sign_out(
    context: RequestContext,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    console.sessions.end(&context);
    Ok((sessions::no_cookie(&context), to_sign_in(Why::Left, "")?).into_response())
}
