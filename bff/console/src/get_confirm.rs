//! The question before an act, as a page and for the dialog.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Json, Problem, Query, RequestContext};
use fragments_console::{Ask, ConfirmPage, Fields, Here, Notice, Tone, place};
use http::StatusCode;
use leptos::prelude::*;

use crate::{
    Console,
    act::{self, Act},
    ask,
    visit::{Why, nobody, to_sign_in},
};

/// Renders the question.
pub(crate) async fn get_confirm(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    let app = params.get("app").filter(|app| app.parse::<contract::AppName>().is_ok());
    let back = app.map_or_else(|| place::OVERVIEW.to_owned(), |app| place::app(app));
    let Some(visitor) = console.arrive(&context).await else {
        return Ok(to_sign_in(Why::New, &back)?.into_response());
    };
    let (found, wrong) = match act::read(&params) {
        Ok(act) => (
            ask::ask(&console, &visitor, &context, (act, &params)).await.map(Some),
            None,
        ),
        Err(wrong) => (Ok(None), Some(notice(&wrong, back.clone()))),
    };
    let Some((mut props, mut status)) = console.props(&context, &visitor, Here::App, found) else {
        return Ok(to_sign_in(Why::Refused, &back)?.into_response());
    };
    if let Some(wrong) = wrong {
        props.trouble = Some(wrong);
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let props = fragments_console::Props {
        frame: props.frame,
        data: props.data.flatten(),
        trouble: props.trouble,
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <ConfirmPage props/> }).await;
    Ok(fragment
        .status(status)
        .title("Confirm · Marquetry console")
        .into_response())
}

/// The same as JSON, for the dialog.
pub(crate) async fn get_ask(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Json<Ask>, Problem> {
    let visitor = console.arrive(&context).await.ok_or_else(nobody)?;
    let act: Act = act::read(&params).map_err(Problem::invalid)?;
    let found = ask::ask(&console, &visitor, &context, (act, &params)).await;
    found.map(Json).map_err(|error| console.refuse(&context, error))
}

fn notice(wrong: &Fields, back: String) -> Notice {
    let text: Vec<String> = wrong.iter().map(|(field, rule)| format!("{field} {rule}")).collect();
    Notice {
        tone: Tone::Bad,
        title: "Please check what you entered".into(),
        text: format!("{}.", text.join("; ")),
        link: ("Back to the form".into(), back),
    }
}
