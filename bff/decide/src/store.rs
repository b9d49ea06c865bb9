//! Products and their variants in SQLite.

use fragments_decide::{Product, Variant};
use rusqlite::{Connection, OptionalExtension, Result};

/// Tables; safe to run at every start.
pub(crate) const SCHEMA: &str = include_str!("../schema.sql");
/// Products; safe to run at every start.
pub(crate) const SEED: &str = include_str!("../seed.sql");

/// The product of that id, with all its variants.
pub(crate) fn product(db: &Connection, id: &str) -> Result<Option<Product>> {
    let product = db
        .prepare_cached("SELECT id, name, description FROM products WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Product {
                id: row.get(0)?,
                name: row.get(1)?,
                description: row.get(2)?,
                highlights: vec![],
                variants: vec![],
            })
        })
        .optional()?;
    let Some(mut product) = product else { return Ok(None) };
    product.highlights = highlights(db, id)?;
    product.variants = variants(db, id)?;
    Ok(Some(product))
}

fn highlights(db: &Connection, id: &str) -> Result<Vec<String>> {
    db.prepare_cached("SELECT text FROM highlights WHERE product_id = ?1 ORDER BY position")?
        .query_map([id], |row| row.get(0))?
        .collect()
}

fn variants(db: &Connection, id: &str) -> Result<Vec<Variant>> {
    db.prepare_cached(
        "SELECT sku, name, color, price_cents, image FROM variants WHERE product_id = ?1 ORDER BY position, sku",
    )?
    .query_map([id], |row| {
        Ok(Variant {
            sku: row.get(0)?,
            name: row.get(1)?,
            color: row.get(2)?,
            price_cents: row.get(3)?,
            image: row.get(4)?,
        })
    })?
    .collect()
}
