//! Takes something out of the cart.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, Sent, redirect, sqlite::Database};
use fragments_checkout::Reply;
use serde::Deserialize;

use crate::{store::carts, visitor};

/// What to remove.
#[derive(Debug, Deserialize)]
pub(crate) struct Remove {
    sku: String,
}

/// Removes all pieces of one thing; what isn't in the cart is as good as removed.
pub(crate) async fn post_cart_remove(
    context: RequestContext,
    State(database): State<Database>,
    Sent(sent): Sent<Remove>,
) -> Result<Response, Problem> {
    let id = visitor::cart_id(&context);
    let cart = database
        .write(move |db| {
            carts::remove(db, &id, &sent.sku)?;
            carts::load(db, &id)
        })
        .await?;
    if context.wants_json {
        Ok(Json(Reply::of(cart)).into_response())
    } else {
        Ok(redirect("/checkout/cart")?.into_response())
    }
}
