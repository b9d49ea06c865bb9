//! The page that signs in.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Problem, Query, RequestContext, redirect};
use fragments_console::{Fields, Notice, SignIn, SignInPage, Tone};
use leptos::prelude::*;

use crate::{
    Console,
    visit::{Why, onward},
};

/// Renders it; who is signed in goes on.
pub(crate) async fn get_sign_in(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    let to = onward(params.get("to").map(String::as_str).unwrap_or_default());
    let why = params.get("why").map(String::as_str).unwrap_or_default();
    if why.is_empty() && console.sessions.visitor(&context).is_some() {
        return Ok(redirect(&to)?.into_response());
    }
    let props = SignIn {
        to,
        notice: notice(why),
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <SignInPage props/> }).await;
    Ok(fragment.title("Sign in · Marquetry console").into_response())
}

fn notice(why: &str) -> Option<Notice> {
    let known = [Why::Refused, Why::Unreachable, Why::Left];
    let why = known.into_iter().find(|known| known.as_str() == why)?;
    let (tone, title, text) = match why {
        Why::New => return None,
        Why::Refused => (
            Tone::Bad,
            "This token does not count",
            "It is unknown, has been revoked, or its time is over. Ask the platform team for another.",
        ),
        Why::Unreachable => (
            Tone::Bad,
            "The admin API does not answer",
            "The token could not be checked. Pages are served on; please try again in a moment.",
        ),
        Why::Left => (
            Tone::Good,
            "You are signed out",
            "The console has forgotten your token.",
        ),
    };
    Some(Notice {
        tone,
        title: title.into(),
        text: text.into(),
        ..Notice::default()
    })
}
