//! The page of the cart.

use axum::extract::State;
use bff_kit::{Fragment, Problem, RequestContext, sqlite::Database};
use fragments_checkout::{CartPage, CartProps};
use leptos::prelude::*;

use crate::{
    store::{carts, drafts},
    visitor,
};

/// Renders it.
pub(crate) async fn get_cart(context: RequestContext, State(database): State<Database>) -> Result<Fragment, Problem> {
    let id = visitor::cart_id(&context);
    let props = database
        .write(move |db| {
            Ok(CartProps {
                cart: carts::load(db, &id)?,
                notice: drafts::take_notice(db, &id)?.unwrap_or_default(),
            })
        })
        .await?;
    let fragment = Fragment::leptos(&context, props, |props| view! { <CartPage props/> }).await;
    Ok(fragment
        .title("Your cart · Marquetry Tractors")
        .meta("robots", "noindex"))
}
