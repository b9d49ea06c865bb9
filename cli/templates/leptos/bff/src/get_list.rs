//! The reviews of a product.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use {{crate}}_ui::{ListView, is_product};
use leptos::prelude::*;
use serde::Deserialize;

use crate::store;

#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    product: String,
}

/// Renders the newest reviews and the form.
pub(crate) async fn get_list(
    context: RequestContext,
    State(database): State<Database>,
    Query(Params { product }): Query<Params>,
) -> Result<Fragment, Problem> {
    if !is_product(&product) {
        return Err(Problem::not_found("There is no such product"));
    }
    let props = database.read(move |db| store::list(db, &product)).await?;
    Ok(Fragment::leptos(&context, props, |props| view! { <ListView props/> }).await)
}
