//! The page after an order.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_checkout::{ThanksPage, ThanksProps};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{store::orders, visitor};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    order: String,
}

/// Renders it for the visitor who placed the order; for others there is no such order.
pub(crate) async fn get_thanks(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let id = visitor::cart_id(&context);
    let order = database.read(move |db| orders::load(db, &id, &params.order)).await?;
    let (title, status) = match order {
        Some(_) => ("Thank you · Marquetry Tractors", 200),
        None => ("No such order · Marquetry Tractors", 404),
    };
    let props = ThanksProps { order };
    // Not woken in the browser, so the order is not repeated as props.
    let fragment = Fragment::leptos(&context, (), |()| view! { <ThanksPage props/> }).await;
    Ok(fragment.title(title).status(status).meta("robots", "noindex"))
}
