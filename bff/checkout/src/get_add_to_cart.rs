//! The button beside a product.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_checkout::{AddToCartProps, AddToCartView};
use leptos::prelude::*;
use serde::Deserialize;

use crate::store::items;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    sku: String,
}

/// Renders it with price and stock; what isn't sold here has no button.
pub(crate) async fn get_add_to_cart(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let offer = database.read(move |db| items::offer(db, &params.sku)).await?;
    Ok(Fragment::leptos(
        &context,
        AddToCartProps { offer },
        |props| view! { <AddToCartView props/> },
    )
    .await)
}
