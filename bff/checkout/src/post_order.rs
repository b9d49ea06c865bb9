//! Places an order.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, redirect, sqlite::Database};
use fragments_checkout::{Draft, FieldProblem, OrderReply};
use rusqlite::Connection;

use crate::{
    customer,
    sent::Sent,
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
    Sent(draft): Sent<Draft>,
) -> Result<Response, Problem> {
    let session = visitor::session(&context);
    let (id, wants_json) = (session.id().to_owned(), context.wants_json);
    let outcome = database.write(move |db| order(db, &id, &draft, !wants_json)).await?;
    match (outcome, wants_json) {
        (Ok(order), true) => Ok(Json(OrderReply { order, count: 0 }).into_response()),
        (Ok(order), false) => Ok(redirect(&format!("/checkout/thanks?order={order}"))?.into_response()),
        (Err(problems), true) => Err(problem(problems)),
        (Err(_), false) => Ok((session.cookie(), redirect("/checkout")?).into_response()),
    }
}

fn order(
    db: &Connection,
    id: &str,
    draft: &Draft,
    tell_later: bool,
) -> rusqlite::Result<Result<String, Vec<FieldProblem>>> {
    let mut draft = customer::tidy(draft);
    let pickup_is_known = items::is_pickup_point(db, &draft.pickup)?;
    if !pickup_is_known {
        draft.pickup.clear();
    }
    let outcome = match customer::check(&draft, pickup_is_known) {
        Ok(customer) => orders::place(db, id, &customer, &draft.attempt)?,
        Err(problems) => Err(problems),
    };
    if let (Err(problems), true) = (&outcome, tell_later) {
        carts::ensure(db, id)?;
        drafts::keep(db, id, &draft, problems)?;
    }
    Ok(outcome)
}

/// A field's fault is 422; what stands against the order as a whole is 409.
fn problem(problems: Vec<FieldProblem>) -> Problem {
    let conflict = problems.iter().find(|problem| problem.field == FieldProblem::CART);
    match conflict.map(|problem| problem.message.clone()) {
        Some(message) => Problem::conflict("The order does not fit what we have").detail(message),
        None => Problem::invalid(problems.into_iter().map(|problem| (problem.field, problem.message))),
    }
}
