//! What the fragments say to the BFF and hear from it.
//!
//! One kind of call and one kind of reply: each further one would cost the browser some kilobytes.

use fragments_kit::{
    api::{self, ApiError},
    link, publish, spawn,
};
use serde::{Deserialize, Serialize};

use crate::{Cart, Fields, StockChanged, events::CartChanged, field};

const NO_ANSWER: &str = "The order desk did not answer. Please try again in a moment.";

/// From `/cart/add`, `/cart/remove` and `/order`, when all went well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Pieces in the cart now.
    pub count: i64,
    /// All of it.
    pub cart: Cart,
    /// The number of the order that was placed; else empty.
    #[serde(default)]
    pub order: String,
}

impl Reply {
    /// Of what is in the cart.
    pub fn of(cart: Cart) -> Self {
        Self {
            count: cart.count(),
            cart,
            order: String::new(),
        }
    }
}

/// Sends `values`, tells the page about the cart, then calls `done`.
///
/// An error has a sentence for each field that is wrong, or one for `cart`.
pub(crate) fn send(path: &'static str, values: Fields, done: impl FnOnce(Result<Reply, Fields>) + 'static) {
    let done: Box<dyn FnOnce(Result<Reply, Fields>)> = Box::new(done);
    spawn(async move {
        let reply: Result<Reply, ApiError> = api::post(&link(path), &values).await;
        if let Ok(reply) = &reply {
            publish(&CartChanged { count: reply.count });
        }
        done(reply.map_err(problems));
    });
}

/// Asks how many pieces of `sku` are left, then calls `done`; an answer that doesn't come changes nothing.
pub(crate) fn stock(sku: &str, done: impl FnOnce(i64) + 'static) {
    let url = link(&format!("/stock?sku={sku}"));
    spawn(async move {
        if let Ok(left) = api::get::<StockChanged>(&url).await {
            done(left.stock);
        }
    });
}

/// The form of one field that `/cart/add` and `/cart/remove` take.
pub(crate) fn only(sku: &str) -> Fields {
    Fields::from([("sku".to_owned(), sku.to_owned())])
}

/// What an error says about the cart.
pub(crate) fn sentence(mut problems: Fields) -> String {
    problems.remove(field::CART).unwrap_or_else(|| NO_ANSWER.into())
}

fn problems(error: ApiError) -> Fields {
    if !error.fields.is_empty() {
        return error.fields;
    }
    let told = (400..500).contains(&error.status) && !error.detail.is_empty();
    let sentence = if told { error.detail } else { NO_ANSWER.into() };
    Fields::from([(field::CART.to_owned(), sentence)])
}
