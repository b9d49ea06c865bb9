//! Puts something into the cart.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, Sent, redirect, sqlite::Database};
use fragments_checkout::Reply;
use rusqlite::Connection;
use serde::Deserialize;

use crate::{
    store::{
        carts::{self, Refusal},
        drafts,
    },
    visitor,
};

/// What to add.
#[derive(Debug, Deserialize)]
pub(crate) struct Add {
    sku: String,
    #[serde(default = "one")]
    quantity: i64,
}

fn one() -> i64 {
    1
}

/// Adds pieces. A script gets the new cart or a problem, a form goes on to the cart's page, which tells either.
pub(crate) async fn post_cart_add(
    context: RequestContext,
    State(database): State<Database>,
    Sent(sent): Sent<Add>,
) -> Result<Response, Problem> {
    let session = visitor::session(&context);
    let (id, wants_json) = (session.id().to_owned(), context.wants_json);
    let added = database.write(move |db| add(db, &id, &sent, !wants_json)).await?;
    if !wants_json {
        return Ok((session.cookie(), redirect("/checkout/cart")?).into_response());
    }
    match added {
        Ok(reply) => Ok((session.cookie(), Json(reply)).into_response()),
        Err(refusal) => Err(problem(&refusal)),
    }
}

fn add(db: &Connection, id: &str, sent: &Add, tell_later: bool) -> rusqlite::Result<Result<Reply, Refusal>> {
    carts::ensure(db, id)?;
    if let Err(refusal) = carts::add(db, id, &sent.sku, sent.quantity)? {
        if tell_later {
            drafts::keep_notice(db, id, &refusal.to_string())?;
        }
        return Ok(Err(refusal));
    }
    Ok(Ok(Reply::of(carts::load(db, id)?)))
}

fn problem(refusal: &Refusal) -> Problem {
    let problem = match refusal {
        Refusal::Unknown => Problem::not_found("Not for sale"),
        Refusal::Quantity => Problem::invalid([("quantity", refusal.to_string())]),
        Refusal::SoldOut { .. } | Refusal::NotEnough { .. } => Problem::conflict("Not enough in stock"),
        Refusal::TooMany { .. } => Problem::conflict("Too many"),
    };
    problem.detail(refusal.to_string())
}
