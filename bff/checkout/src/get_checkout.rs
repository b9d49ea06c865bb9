//! The page of the order form.

use axum::extract::State;
use bff_kit::{Fragment, Problem, RequestContext, sqlite::Database};
use fragments_checkout::{CheckoutPage, CheckoutProps, field};
use leptos::prelude::*;
use rusqlite::Connection;

use crate::{
    store::{carts, drafts},
    visitor,
};

/// Renders it, with what was filled in before and what was wrong with that.
pub(crate) async fn get_checkout(
    context: RequestContext,
    State(database): State<Database>,
) -> Result<Fragment, Problem> {
    let id = visitor::cart_id(&context);
    let props = database.write(move |db| props(db, &id)).await?;
    let fragment = Fragment::leptos(&context, props, |props| view! { <CheckoutPage props/> }).await;
    Ok(fragment
        .title("Checkout · Marquetry Tractors")
        .meta("robots", "noindex"))
}

fn props(db: &Connection, id: &str) -> rusqlite::Result<CheckoutProps> {
    let (mut values, problems) = drafts::take(db, id)?;
    let attempt = db.query_row("SELECT hex(randomblob(16))", [], |row| row.get(0))?;
    values.insert(field::ATTEMPT.into(), attempt);
    Ok(CheckoutProps {
        cart: carts::load(db, id)?,
        values,
        problems,
    })
}
