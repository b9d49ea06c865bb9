//! Does what was asked for and confirmed.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, Sent, redirect};
use fragments_console::{Done, Fields, Notice, Tone, place};

use crate::{
    Console,
    act::{self, REASON},
    trouble,
    visit::{Why, nobody, to_sign_in},
};

/// Acts in the visitor's name. A script gets what was done or a problem; a form goes on to the app's page, which tells either.
pub(crate) async fn post_act(
    context: RequestContext,
    State(console): State<Console>,
    Sent(sent): Sent<Fields>,
) -> Result<Response, Problem> {
    let app = sent.get("app").filter(|app| app.parse::<contract::AppName>().is_ok());
    let back = app.map_or_else(|| place::OVERVIEW.to_owned(), |app| place::app(app));
    let Some(visitor) = console.sessions.visitor(&context) else {
        if context.wants_json {
            return Err(nobody());
        }
        return Ok(to_sign_in(Why::New, &back)?.into_response());
    };
    let act = act::read(&sent).map_err(Problem::invalid)?;
    if sent.get(REASON).is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Problem::invalid([(REASON, "must say why: it stands in the history")]));
    }
    let outcome = act::act(&console.admin, visitor.calls(&context), &act).await;
    if context.wants_json {
        return match outcome {
            Ok(text) => Ok(Json(Done { text }).into_response()),
            Err(error) => Err(console.refuse(&context, error)),
        };
    }
    let notice = match outcome {
        Ok(text) => Notice {
            tone: Tone::Good,
            title: text,
            ..Notice::default()
        },
        Err(error) if error.signed_out() => {
            console.sessions.end(&context);
            return Ok(to_sign_in(Why::Refused, &back)?.into_response());
        }
        Err(error) => {
            tracing::warn!(%error, "an act was not done");
            trouble::notice(&error)
        }
    };
    console.sessions.tell(&visitor, notice);
    Ok(redirect(&back)?.into_response())
}
