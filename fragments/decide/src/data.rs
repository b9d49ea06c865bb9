//! What the product page shows, as the BFF hands it over.

use serde::{Deserialize, Serialize};

/// Everything the page needs, all variants among it, so that choosing one asks nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductProps {
    /// `None` where there is no such product.
    pub product: Option<Product>,
    /// The variant that the address names, or the first.
    pub sku: String,
}

/// A product and its variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// As in the address.
    pub id: String,
    /// The page's heading.
    pub name: String,
    /// One paragraph.
    pub description: String,
    /// Short remarks, in order.
    pub highlights: Vec<String>,
    /// At least one, in order.
    pub variants: Vec<Variant>,
}

/// One colour of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// As in the address.
    pub sku: String,
    /// The colour's name.
    pub name: String,
    /// The colour, `#rrggbb`.
    pub color: String,
    /// Price in euro cents.
    pub price_cents: i64,
    /// Address of the picture.
    pub image: String,
}

impl Product {
    /// The variant of that SKU, or the first.
    pub fn variant(&self, sku: &str) -> Option<&Variant> {
        self.variants
            .iter()
            .find(|variant| variant.sku == sku)
            .or(self.variants.first())
    }

    /// The document's title while `variant` is shown.
    pub fn title(&self, variant: &Variant) -> String {
        format!("{}, {} · Marquetry Tractors", self.name, variant.name)
    }
}
