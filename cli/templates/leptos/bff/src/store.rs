//! Reviews in SQLite.

use {{crate}}_ui::{ListProps, Review};
use rusqlite::{Connection, Result};

const SHOWN: u32 = 20;
const KEPT: u32 = 1_000;

/// The newest reviews of a product.
pub(crate) fn list(db: &Connection, product: &str) -> Result<ListProps> {
    let reviews = db
        .prepare_cached("SELECT author, stars, text FROM reviews WHERE product = ?1 ORDER BY id DESC LIMIT ?2")?
        .query_map((product, SHOWN), |row| {
            Ok(Review {
                author: row.get(0)?,
                stars: row.get(1)?,
                text: row.get(2)?,
            })
        })?
        .collect::<Result<_>>()?;
    Ok(ListProps {
        product: product.to_owned(),
        reviews,
        count: count(db, product)?,
    })
}

/// Keeps a review; false when the product has as many as it may have.
pub(crate) fn add(db: &Connection, product: &str, review: &Review) -> Result<bool> {
    if count(db, product)? >= KEPT {
        return Ok(false);
    }
    db.prepare_cached("INSERT INTO reviews (product, author, stars, text) VALUES (?1, ?2, ?3, ?4)")?
        .execute((product, &review.author, review.stars, &review.text))?;
    Ok(true)
}

fn count(db: &Connection, product: &str) -> Result<u32> {
    db.prepare_cached("SELECT count(*) FROM reviews WHERE product = ?1")?
        .query_row([product], |row| row.get(0))
}
