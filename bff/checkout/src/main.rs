//! The checkout team's BFF: its pages, fragments and data.

#[cfg(test)]
mod tests;
mod get_mini_cart;
mod get_add_to_cart;
mod get_cart;
mod get_checkout;
mod get_thanks;
mod get_stock;
mod post_cart_add;
mod post_cart_remove;
mod post_order;
mod visitor;
mod store;
mod customer;

use axum::routing::{get, post};
use bff_kit::{Bff, events::EventLog, sqlite::Database};

/// A filled-in form is far shorter.
const MAX_BODY_BYTES: usize = 16 << 10;

#[tokio::main]
async fn main() -> Result<(), bff_kit::Error> {
    let database = Database::open("checkout", store::SCHEMA, store::SEED)?;
    let log = EventLog::open(&database).await?;
    bff(&log)?.with_state(database).serve().await
}

fn bff(log: &EventLog) -> Result<Bff<Database>, bff_kit::Error> {
    let bff = Bff::new(include_str!("../marquetry.toml"))?
        .body_limit(MAX_BODY_BYTES)
        .events(log)
        .fragment("mini-cart", get_mini_cart::get_mini_cart)
        .fragment("add-to-cart", get_add_to_cart::get_add_to_cart)
        .fragment("cart", get_cart::get_cart)
        .fragment("checkout", get_checkout::get_checkout)
        .fragment("thanks", get_thanks::get_thanks)
        .route("/cart/add", post(post_cart_add::post_cart_add))
        .route("/cart/remove", post(post_cart_remove::post_cart_remove))
        .route("/stock", get(get_stock::get_stock))
        .route("/order", post(post_order::post_order));
    Ok(bff)
}
