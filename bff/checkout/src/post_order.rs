//! Places an order.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, Sent, redirect, sqlite::Database};
use fragments_checkout::{Fields, Reply, field};
use rusqlite::Connection;

use crate::{
    customer,
    store::{carts, drafts, items, orders},
    visitor,
};

/// Places the order of the visitor's cart.
///
/// A script gets its number or what is wrong with each field; a form goes on to the thanks, or back to the order
/// form, which then shows what is wrong.
pub(crate) async fn post_order(
    context: RequestContext,
    State(database): State<Database>,
    Sent(sent): Sent<Fields>,
) -> Result<Response, Problem> {
    let session = visitor::session(&context);
    let (id, wants_json) = (session.id().to_owned(), context.wants_json);
    let outcome = database.write(move |db| order(db, &id, &sent, !wants_json)).await?;
    match (outcome, wants_json) {
        (Ok(order), true) => Ok(Json(Reply {
            order,
            ..Reply::default()
        })
        .into_response()),
        (Ok(order), false) => Ok(redirect(&format!("/checkout/thanks?order={order}"))?.into_response()),
        (Err(problems), true) => Err(problem(problems)),
        (Err(_), false) => Ok((session.cookie(), redirect("/checkout")?).into_response()),
    }
}

fn order(db: &Connection, id: &str, sent: &Fields, tell_later: bool) -> rusqlite::Result<Result<String, Fields>> {
    let mut values = customer::tidy(sent);
    let pickup_is_known = items::is_pickup_point(db, customer::text(&values, field::PICKUP))?;
    if !pickup_is_known {
        values.remove(field::PICKUP);
    }
    let outcome = match customer::check(&values, pickup_is_known) {
        Ok(customer) => {
            let placed = orders::place(db, id, &customer, customer::text(&values, field::ATTEMPT))?;
            placed.map_err(|sentence| Fields::from([(field::CART.to_owned(), sentence)]))
        }
        Err(problems) => Err(problems),
    };
    if let (Err(problems), true) = (&outcome, tell_later) {
        carts::ensure(db, id)?;
        drafts::keep(db, id, &values, problems)?;
    }
    Ok(outcome)
}

/// A field's fault is 422; what stands against the order as a whole is 409.
fn problem(mut problems: Fields) -> Problem {
    match problems.remove(field::CART) {
        Some(sentence) => Problem::conflict("The order does not fit what we have").detail(sentence),
        None => Problem::invalid(problems),
    }
}
