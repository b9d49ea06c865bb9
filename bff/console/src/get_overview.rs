//! The page of all apps, and its numbers.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Json, Problem, RequestContext};
use contract::admin::Status;
use fragments_console::{Here, Overview, OverviewPage, place};
use leptos::prelude::*;

use crate::{
    Console,
    admin::AdminError,
    sessions::Visitor,
    shape,
    visit::{Why, nobody, to_sign_in},
};

/// Renders it.
pub(crate) async fn get_overview(context: RequestContext, State(console): State<Console>) -> Result<Response, Problem> {
    let Some(visitor) = console.arrive(&context).await else {
        return Ok(to_sign_in(Why::New, place::OVERVIEW)?.into_response());
    };
    let found = overview(&console, &visitor, &context).await;
    let Some((props, status)) = console.props(&context, &visitor, Here::Overview, found) else {
        return Ok(to_sign_in(Why::Refused, place::OVERVIEW)?.into_response());
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <OverviewPage props/> }).await;
    Ok(fragment
        .status(status)
        .title("Overview · Marquetry console")
        .into_response())
}

/// The same as JSON, for the page itself.
pub(crate) async fn get_overview_numbers(
    context: RequestContext,
    State(console): State<Console>,
) -> Result<Json<Overview>, Problem> {
    let visitor = console.sessions.watcher(&context).ok_or_else(nobody)?;
    let found = overview(&console, &visitor, &context).await;
    found.map(Json).map_err(|error| console.refuse(&context, error))
}

async fn overview(console: &Console, visitor: &Visitor, context: &RequestContext) -> Result<Overview, AdminError> {
    let status: Status = console.admin.get(visitor.calls(context), "/v1/status").await?;
    Ok(shape::overview(&status, &visitor.who))
}
