//! Orders: placed whole or not at all, once.

use fragments_checkout::{Cart, Order, OrderLine};
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::{carts, drafts, items};
use crate::customer::Customer;

/// Makes an order of the cart: takes the goods out of the stock, copies the lines, empties the cart.
///
/// Gives the order's number, or a sentence about what is in the way. Must run in a transaction that began as a writing one: what is
/// read here still holds when it is written. The same `attempt` gives the same order again.
pub(crate) fn place(
    db: &Connection,
    cart_id: &str,
    customer: &Customer,
    attempt: &str,
) -> Result<std::result::Result<String, String>> {
    if let Some(order) = of_attempt(db, cart_id, attempt)? {
        return Ok(Ok(order));
    }
    let cart = carts::load(db, cart_id)?;
    if let Some(sentence) = in_the_way(db, &cart)? {
        return Ok(Err(sentence));
    }
    let order = insert(db, cart_id, customer, &cart)?;
    for line in &cart.lines {
        if !items::take(db, &line.sku, line.quantity)? {
            return Err(rusqlite::Error::StatementChangedRows(0));
        }
    }
    carts::empty(db, cart_id)?;
    drafts::forget(db, cart_id)?;
    if !attempt.is_empty() {
        db.execute(
            "INSERT INTO attempts (cart_id, id, order_id) VALUES (?1, ?2, ?3)",
            [cart_id, attempt, &order],
        )?;
    }
    Ok(Ok(order))
}

fn of_attempt(db: &Connection, cart_id: &str, attempt: &str) -> Result<Option<String>> {
    db.prepare_cached("SELECT order_id FROM attempts WHERE cart_id = ?1 AND id = ?2")?
        .query_row([cart_id, attempt], |row| row.get(0))
        .optional()
}

/// What keeps the cart from being ordered as it is.
fn in_the_way(db: &Connection, cart: &Cart) -> Result<Option<String>> {
    let mut sentences = Vec::new();
    for line in &cart.lines {
        let stock = items::offer(db, &line.sku)?.map_or(0, |offer| offer.stock);
        if stock == 0 {
            sentences.push(format!("{} has just sold out.", line.name));
        } else if stock < line.quantity {
            sentences.push(format!("Only {stock} of {} are left.", line.name));
        }
    }
    if !sentences.is_empty() {
        sentences.push("Change your cart to order the rest.".into());
    } else if cart.lines.is_empty() {
        sentences.push("Your cart is empty.".into());
    }
    Ok((!sentences.is_empty()).then(|| sentences.join(" ")))
}

fn insert(db: &Connection, cart_id: &str, customer: &Customer, cart: &Cart) -> Result<String> {
    let id: String = db
        .prepare_cached(
            "INSERT INTO orders (id, cart_id, first_name, last_name, email, pickup_point_id, total_cents, placed_at)
             VALUES ('MQ-' || hex(randomblob(5)), ?1, ?2, ?3, ?4, ?5, ?6, unixepoch()) RETURNING id",
        )?
        .query_row(
            params![
                cart_id,
                customer.first_name,
                customer.last_name,
                customer.email,
                customer.pickup,
                cart.total_cents()
            ],
            |row| row.get(0),
        )?;
    let mut insert = db.prepare_cached(
        "INSERT INTO order_lines (order_id, sku, name, quantity, price_cents) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for line in &cart.lines {
        insert.execute(params![id, line.sku, line.name, line.quantity, line.price_cents])?;
    }
    Ok(id)
}

/// An order, for the cart that it came from only.
pub(crate) fn load(db: &Connection, cart_id: &str, id: &str) -> Result<Option<Order>> {
    let order = db
        .prepare_cached(
            "SELECT orders.id, first_name, email, name || ', ' || city, total_cents
             FROM orders JOIN pickup_points ON pickup_points.id = pickup_point_id
             WHERE orders.id = ?1 AND cart_id = ?2",
        )?
        .query_row([id, cart_id], |row| {
            Ok(Order {
                id: row.get(0)?,
                first_name: row.get(1)?,
                email: row.get(2)?,
                pickup: row.get(3)?,
                lines: vec![],
                total_cents: row.get(4)?,
            })
        })
        .optional()?;
    let Some(mut order) = order else { return Ok(None) };
    let mut lines =
        db.prepare_cached("SELECT name, quantity, price_cents FROM order_lines WHERE order_id = ?1 ORDER BY rowid")?;
    let lines = lines.query_map([id], |row| {
        Ok(OrderLine {
            name: row.get(0)?,
            quantity: row.get(1)?,
            price_cents: row.get(2)?,
        })
    })?;
    order.lines = lines.collect::<Result<_>>()?;
    Ok(Some(order))
}
