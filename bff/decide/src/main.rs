//! The decide team's BFF: its pages, fragments and data.

mod get_product;
mod store;

use bff_kit::{Bff, sqlite::Database};

#[tokio::main]
async fn main() -> Result<(), bff_kit::Error> {
    let database = Database::open("decide", store::SCHEMA, store::SEED)?;
    bff()?.with_state(database).serve().await
}

fn bff() -> Result<Bff<Database>, bff_kit::Error> {
    Ok(Bff::new(include_str!("../marquetry.toml"))?.fragment("product", get_product::get_product))
}

#[cfg(test)]
mod tests;
