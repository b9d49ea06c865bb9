//! What these fragments tell the page, and what they listen to.

use fragments_kit::Event;
use serde::{Deserialize, Serialize};

/// The cart has another number of pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CartChanged {
    /// Pieces in it now.
    pub(crate) count: i64,
}

impl Event for CartChanged {
    const TOPIC: &'static str = "checkout:cart-changed";
}

/// There are more pieces of something, or fewer: the BFF says so, through the composer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChanged {
    /// Of what.
    pub sku: String,
    /// Pieces left.
    pub stock: i64,
}

impl Event for StockChanged {
    const TOPIC: &'static str = "checkout:stock-changed";
}

/// A visitor chose a store. Which one, the form's own field says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StorePicked {}

impl Event for StorePicked {
    const TOPIC: &'static str = "explore:store-picked";
}
