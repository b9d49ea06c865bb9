//! Carts and their lines.

use std::fmt;

use fragments_checkout::{Cart, Line};
use rusqlite::{Connection, Result, params};

use super::items;

/// The most pieces of one thing in a cart; the table has the same limit.
pub(crate) const MAX_QUANTITY: i64 = 20;

const MAX_AGE_SECONDS: i64 = 180 * 24 * 60 * 60;
const REMOVED_AT_ONCE: i64 = 100;

/// Why something was not put into a cart, as a sentence for the visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing is sold under that number.
    Unknown,
    /// A number of pieces below one or above [`MAX_QUANTITY`].
    Quantity,
    /// None are left.
    SoldOut { name: String },
    /// Some are left, but not enough.
    NotEnough { name: String, stock: i64, in_cart: i64 },
    /// The cart would hold more than [`MAX_QUANTITY`].
    TooMany { name: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("We don't sell that one, or no longer."),
            Self::Quantity => write!(f, "Please order between 1 and {MAX_QUANTITY} pieces."),
            Self::SoldOut { name } => write!(f, "{name} is sold out."),
            Self::NotEnough {
                name,
                stock,
                in_cart: 0,
            } => write!(f, "We have only {stock} of {name}."),
            Self::NotEnough {
                name,
                stock: 1,
                in_cart: 1,
            } => write!(f, "We have only one {name}, and it is in your cart."),
            Self::NotEnough { name, stock, in_cart } if stock == in_cart => {
                write!(f, "We have only {stock} of {name}, and your cart holds all of them.")
            }
            Self::NotEnough { name, stock, in_cart } => {
                write!(
                    f,
                    "We have only {stock} of {name}; {in_cart} of them in your cart already."
                )
            }
            Self::TooMany { name } => write!(f, "A cart takes at most {MAX_QUANTITY} of {name}."),
        }
    }
}

/// Sees to it that there is such a cart; a new one makes room by removing some that nobody has come back to.
pub(crate) fn ensure(db: &Connection, id: &str) -> Result<()> {
    let created = db
        .prepare_cached("INSERT INTO carts (id, created_at) VALUES (?1, unixepoch()) ON CONFLICT DO NOTHING")?
        .execute([id])?;
    if created == 1 {
        db.execute(
            "DELETE FROM carts WHERE id IN
             (SELECT id FROM carts WHERE created_at < unixepoch() - ?1 ORDER BY created_at LIMIT ?2)",
            params![MAX_AGE_SECONDS, REMOVED_AT_ONCE],
        )?;
    }
    Ok(())
}

/// What is in the cart; nothing when there is no such cart.
pub(crate) fn load(db: &Connection, id: &str) -> Result<Cart> {
    let mut lines = db.prepare_cached(
        "SELECT sku, name, image, quantity, price_cents FROM cart_lines JOIN items USING (sku)
         WHERE cart_id = ?1 ORDER BY position, sku",
    )?;
    let lines = lines.query_map([id], |row| {
        Ok(Line {
            sku: row.get(0)?,
            name: row.get(1)?,
            image: row.get(2)?,
            quantity: row.get(3)?,
            price_cents: row.get(4)?,
        })
    })?;
    Ok(Cart {
        lines: lines.collect::<Result<_>>()?,
    })
}

/// Pieces in the cart.
pub(crate) fn count(db: &Connection, id: &str) -> Result<i64> {
    db.prepare_cached("SELECT coalesce(sum(quantity), 0) FROM cart_lines WHERE cart_id = ?1")?
        .query_row([id], |row| row.get(0))
}

/// Puts pieces into the cart, at most as many as are in stock.
pub(crate) fn add(db: &Connection, id: &str, sku: &str, quantity: i64) -> Result<std::result::Result<(), Refusal>> {
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        return Ok(Err(Refusal::Quantity));
    }
    let Some(offer) = items::offer(db, sku)? else {
        return Ok(Err(Refusal::Unknown));
    };
    let in_cart = in_cart(db, id, sku)?;
    let (name, stock) = (offer.name, offer.stock);
    if stock == 0 {
        return Ok(Err(Refusal::SoldOut { name }));
    }
    if in_cart + quantity > stock {
        return Ok(Err(Refusal::NotEnough { name, stock, in_cart }));
    }
    if in_cart + quantity > MAX_QUANTITY {
        return Ok(Err(Refusal::TooMany { name }));
    }
    db.prepare_cached(
        "INSERT INTO cart_lines (cart_id, sku, quantity, position)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(position), 0) + 1 FROM cart_lines WHERE cart_id = ?1))
         ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = quantity + excluded.quantity",
    )?
    .execute(params![id, sku, quantity])?;
    Ok(Ok(()))
}

fn in_cart(db: &Connection, id: &str, sku: &str) -> Result<i64> {
    db.prepare_cached("SELECT coalesce(sum(quantity), 0) FROM cart_lines WHERE cart_id = ?1 AND sku = ?2")?
        .query_row([id, sku], |row| row.get(0))
}

/// Takes all pieces of one thing out of the cart.
pub(crate) fn remove(db: &Connection, id: &str, sku: &str) -> Result<()> {
    db.prepare_cached("DELETE FROM cart_lines WHERE cart_id = ?1 AND sku = ?2")?
        .execute([id, sku])?;
    Ok(())
}

/// Takes everything out.
pub(crate) fn empty(db: &Connection, id: &str) -> Result<()> {
    db.prepare_cached("DELETE FROM cart_lines WHERE cart_id = ?1")?
        .execute([id])?;
    Ok(())
}
