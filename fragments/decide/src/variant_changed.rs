//! Tells the rest of the page which variant is being looked at.

use fragments_kit::Event;
use serde::{Deserialize, Serialize};

/// A visitor chose another variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantChanged {
    /// The product.
    pub id: String,
    /// The variant.
    pub sku: String,
}

impl Event for VariantChanged {
    const TOPIC: &'static str = "decide:variant-changed";
}
