//! What the fragments show, as the BFF hands it over. Money is in euro cents.
//!
//! What has one field is `transparent`: a reader less in the browser's module.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The icon in the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MiniCartProps {
    /// Pieces in the cart.
    pub count: i64,
}

/// The button beside a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddToCartProps {
    /// `None` where checkout doesn't sell it.
    pub offer: Option<Offer>,
}

/// Something that can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Offer {
    /// Its number.
    pub sku: String,
    /// Product and variant.
    pub name: String,
    /// Price of one.
    pub price_cents: i64,
    /// Pieces left.
    pub stock: i64,
}

/// The cart page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartProps {
    /// What is in it.
    pub cart: Cart,
    /// Something to tell, once: why the last thing a visitor did came to nothing. Mostly empty.
    pub notice: String,
}

/// A visitor's cart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cart {
    /// In the order they were added.
    pub lines: Vec<Line>,
}

/// Some pieces of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number.
    pub sku: String,
    /// Product and variant.
    pub name: String,
    /// Address of the picture.
    pub image: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub price_cents: i64,
}

/// The order form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutProps {
    /// What will be ordered.
    pub cart: Cart,
    /// What was filled in before, and the `attempt`: it names this showing of the form, so that it is one order even
    /// when it is sent twice.
    pub values: Fields,
    /// What is wrong with that.
    pub problems: Fields,
}

/// A text for each field of the order form that has one: its value, or what is wrong with it.
pub type Fields = BTreeMap<String, String>;

/// The names of the order form's fields.
pub mod field {
    /// Stands for the order as a whole.
    pub const CART: &str = "cart";
    /// A field.
    pub const FIRST_NAME: &str = "first_name";
    /// A field.
    pub const LAST_NAME: &str = "last_name";
    /// A field.
    pub const EMAIL: &str = "email";
    /// The store where it is fetched; explore's picker has it.
    pub const PICKUP: &str = "pickup";
    /// A hidden field.
    pub const ATTEMPT: &str = "attempt";
    /// Those that can have problems, from top to bottom.
    pub const ALL: [&str; 5] = [CART, FIRST_NAME, LAST_NAME, EMAIL, PICKUP];
}

/// The page after an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThanksProps {
    /// `None` where this visitor has no such order.
    pub order: Option<Order>,
}

/// A placed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: String,
    /// Who ordered.
    pub first_name: String,
    /// Where the confirmation goes.
    pub email: String,
    /// Name and town of the store.
    pub pickup: String,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// The sum.
    pub total_cents: i64,
}

/// Some pieces of one thing, as they were sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Product and variant.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub price_cents: i64,
}

impl Cart {
    /// Pieces in it.
    pub fn count(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// The sum.
    pub fn total_cents(&self) -> i64 {
        self.lines.iter().map(Line::total_cents).sum()
    }

    /// Their numbers, as recommendations want them: `CL-01-MG,AU-02-TE`.
    pub fn skus(&self) -> String {
        let skus: Vec<&str> = self.lines.iter().map(|line| line.sku.as_str()).collect();
        skus.join(",")
    }
}

impl Line {
    /// Price of all its pieces.
    pub fn total_cents(&self) -> i64 {
        self.price_cents * self.quantity
    }
}
