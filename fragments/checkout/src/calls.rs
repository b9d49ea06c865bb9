//! What the fragments say to the BFF and hear from it.

use fragments_kit::{
    api::{self, ApiError},
    link,
};
use serde::{Deserialize, Serialize};

use crate::{Cart, Draft, FieldProblem};

const NO_ANSWER: &str = "The order desk did not answer. Please try again in a moment.";

/// To `/cart/add`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {
    /// What.
    pub sku: String,
    /// How many more.
    #[serde(default = "one")]
    pub quantity: i64,
}

/// To `/cart/remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remove {
    /// What; all pieces of it.
    pub sku: String,
}

/// From both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartReply {
    /// Pieces in the cart now.
    pub count: i64,
    /// All of it.
    pub cart: Cart,
}

/// From `/order`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReply {
    /// The order's number.
    pub order: String,
    /// Pieces in the cart now.
    pub count: i64,
}

fn one() -> i64 {
    1
}

/// Adds one piece; an error is a sentence for the visitor.
pub(crate) async fn add(sku: String) -> Result<CartReply, String> {
    let reply = api::post(&link("/cart/add"), &Add { sku, quantity: one() }).await;
    reply.map_err(|error| sentence(&error))
}

/// Removes all pieces of one thing; an error is a sentence for the visitor.
pub(crate) async fn remove(sku: String) -> Result<CartReply, String> {
    let reply = api::post(&link("/cart/remove"), &Remove { sku }).await;
    reply.map_err(|error| sentence(&error))
}

/// Places the order and gives its number.
pub(crate) async fn order(draft: Draft) -> Result<OrderReply, Vec<FieldProblem>> {
    let reply = api::post(&link("/order"), &draft).await;
    reply.map_err(|error| problems(&error))
}

fn sentence(error: &ApiError) -> String {
    match error.status {
        400..500 if !error.detail.is_empty() => error.detail.clone(),
        _ => NO_ANSWER.into(),
    }
}

/// In the order of the form.
fn problems(error: &ApiError) -> Vec<FieldProblem> {
    let found = FieldProblem::FIELDS.iter().filter_map(|field| {
        let message = error.field(field)?.to_owned();
        Some(FieldProblem {
            field: (*field).into(),
            message,
        })
    });
    let mut found: Vec<_> = found.collect();
    if found.is_empty() {
        found.push(FieldProblem {
            field: FieldProblem::CART.into(),
            message: sentence(error),
        });
    }
    found
}
