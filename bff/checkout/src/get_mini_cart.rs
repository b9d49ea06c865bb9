//! The cart's icon in the header.

use axum::extract::State;
use bff_kit::{Fragment, Problem, RequestContext, sqlite::Database};
use fragments_checkout::{MiniCartProps, MiniCartView};
use leptos::prelude::*;

use crate::{store::carts, visitor};

/// Renders it with the number of pieces.
pub(crate) async fn get_mini_cart(
    context: RequestContext,
    State(database): State<Database>,
) -> Result<Fragment, Problem> {
    let cart = visitor::cart_id(&context);
    let count = database.read(move |db| carts::count(db, &cart)).await?;
    Ok(Fragment::leptos(
        &context,
        MiniCartProps { count },
        |props| view! { <MiniCartView props/> },
    )
    .await)
}
