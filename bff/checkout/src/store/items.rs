//! Goods, their stock, and the stores where they can be fetched.

use bff_kit::events;
use fragments_checkout::{Offer, StockChanged};
use rusqlite::{Connection, OptionalExtension, Result, params};

/// What is sold under `sku`.
pub(crate) fn offer(db: &Connection, sku: &str) -> Result<Option<Offer>> {
    db.prepare_cached("SELECT sku, name, price_cents, stock FROM items WHERE sku = ?1")?
        .query_row([sku], |row| {
            Ok(Offer {
                sku: row.get(0)?,
                name: row.get(1)?,
                price_cents: row.get(2)?,
                stock: row.get(3)?,
            })
        })
        .optional()
}

/// Takes pieces out of the stock, and tells open pages how many are left; false when there are not so many.
pub(crate) fn take(db: &Connection, sku: &str, quantity: i64) -> Result<bool> {
    let left = db
        .prepare_cached("UPDATE items SET stock = stock - ?2 WHERE sku = ?1 AND stock >= ?2 RETURNING stock")?
        .query_row(params![sku, quantity], |row| row.get(0))
        .optional()?;
    let Some(stock) = left else { return Ok(false) };
    let sku = sku.to_owned();
    events::publish(db, &StockChanged { sku, stock })?;
    Ok(true)
}

/// Tells whether goods can be fetched there.
pub(crate) fn is_pickup_point(db: &Connection, id: &str) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM pickup_points WHERE id = ?1")?
        .exists([id])
}
