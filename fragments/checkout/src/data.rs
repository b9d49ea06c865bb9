//! What the fragments show, as the BFF hands it over. Money is in euro cents.

use serde::{Deserialize, Serialize};

/// The icon in the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiniCartProps {
    /// Pieces in the cart.
    pub count: i64,
}

/// The button beside a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddToCartProps {
    /// `None` where checkout doesn't sell it.
    pub offer: Option<Offer>,
}

/// Something that can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Something to tell, once: why the last thing a visitor did came to nothing.
    pub notice: Option<String>,
}

/// A visitor's cart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What was filled in before.
    pub draft: Draft,
    /// What is wrong with it.
    pub problems: Vec<FieldProblem>,
    /// Names this showing of the form: sent twice, it is one order.
    pub attempt: String,
}

/// What a visitor filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// As typed.
    #[serde(default)]
    pub first_name: String,
    /// As typed.
    #[serde(default)]
    pub last_name: String,
    /// As typed.
    #[serde(default)]
    pub email: String,
    /// The store where it will be fetched.
    #[serde(default)]
    pub pickup: String,
    /// Of [`CheckoutProps`].
    #[serde(default)]
    pub attempt: String,
}

/// What is wrong with one field, as a sentence for the visitor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldProblem {
    /// `first_name`, `last_name`, `email`, `pickup`, or `cart` for the order as a whole.
    pub field: String,
    /// The sentence.
    pub message: String,
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

impl FieldProblem {
    /// Stands for the order as a whole.
    pub const CART: &str = "cart";
    /// All fields, in the order of the form.
    pub const FIELDS: [&str; 5] = [Self::CART, "first_name", "last_name", "email", "pickup"];
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
