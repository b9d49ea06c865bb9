//! What the database says: categories, products, variants and stores.

use fragments_explore::{card::CardData, category::CategoryLink, home::TeaserData, stores::StoreData};
use rusqlite::{Connection, Result, Row, params};

use crate::nearest::Variant;

/// A category.
pub(crate) struct Category {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) blurb: String,
}

impl From<Category> for TeaserData {
    fn from(Category { key, name, blurb }: Category) -> Self {
        Self { key, name, blurb }
    }
}

impl From<&Category> for CategoryLink {
    fn from(category: &Category) -> Self {
        Self {
            key: category.key.clone(),
            name: category.name.clone(),
        }
    }
}

/// All categories, in the team's order.
pub(crate) fn categories(database: &Connection) -> Result<Vec<Category>> {
    let sql = "SELECT key, name, blurb FROM categories ORDER BY position, key";
    database
        .prepare_cached(sql)?
        .query_map([], |row| {
            Ok(Category {
                key: row.get("key")?,
                name: row.get("name")?,
                blurb: row.get("blurb")?,
            })
        })?
        .collect()
}

/// The products of a category, or all, in the team's order.
pub(crate) fn products(database: &Connection, category: Option<&str>) -> Result<Vec<CardData>> {
    let sql = "SELECT products.* FROM products JOIN categories ON categories.key = products.category \
               WHERE ?1 IS NULL OR category = ?1 ORDER BY categories.position, products.position, id";
    database.prepare_cached(sql)?.query_map([category], card)?.collect()
}

/// The products that each category puts first, in turns.
pub(crate) fn popular(database: &Connection, count: usize) -> Result<Vec<CardData>> {
    let sql = "SELECT products.* FROM products JOIN categories ON categories.key = products.category \
               ORDER BY products.position, categories.position, id LIMIT ?1";
    database.prepare_cached(sql)?.query_map(params![count], card)?.collect()
}

/// All variants of all products.
pub(crate) fn variants(database: &Connection) -> Result<Vec<Variant>> {
    let sql = "SELECT variants.*, products.name AS product_name FROM variants \
               JOIN products ON products.id = variants.product_id ORDER BY sku";
    database
        .prepare_cached(sql)?
        .query_map([], |row| {
            Ok(Variant {
                sku: row.get("sku")?,
                product_id: row.get("product_id")?,
                product_name: row.get("product_name")?,
                name: row.get("name")?,
                colour: [row.get("red")?, row.get("green")?, row.get("blue")?],
                price_cents: row.get("price_cents")?,
                image: row.get("image")?,
            })
        })?
        .collect()
}

/// All stores.
pub(crate) fn stores(database: &Connection) -> Result<Vec<StoreData>> {
    let sql = "SELECT id, name, street, city, opening, image FROM stores ORDER BY rowid";
    database
        .prepare_cached(sql)?
        .query_map([], |row| {
            Ok(StoreData {
                id: row.get("id")?,
                name: row.get("name")?,
                street: row.get("street")?,
                city: row.get("city")?,
                opening: row.get("opening")?,
                image: row.get("image")?,
            })
        })?
        .collect()
}

fn card(row: &Row<'_>) -> Result<CardData> {
    Ok(CardData {
        id: row.get("id")?,
        sku: None,
        name: row.get("name")?,
        line: row.get("teaser")?,
        price_cents: row.get("from_price_cents")?,
        image: row.get("image")?,
    })
}
