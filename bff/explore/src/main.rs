//! The explore team's BFF: its pages, fragments and data.

mod get_home;
mod get_category;
mod get_stores;
mod get_header;
mod get_footer;
mod get_recommendations;
mod get_store_picker;
mod data;
mod nearest;

use std::time::Duration;

use bff_kit::{Bff, Error, sqlite::Database};

/// What explore shows is the same for all visitors, and changes with a release.
const KEPT_FOR: Duration = Duration::from_secs(60);
const SCHEMA: &str = include_str!("../schema.sql");
const SEED: &str = include_str!("../seed.sql");

#[tokio::main]
async fn main() -> Result<(), Error> {
    let database = Database::open("explore", SCHEMA, SEED)?;
    bff()?.with_state(database).serve().await
}

fn bff() -> Result<Bff<Database>, Error> {
    let bff = Bff::new(include_str!("../marquetry.toml"))?
        .fragment("home", get_home::get_home)
        .fragment("category", get_category::get_category)
        .fragment("stores", get_stores::get_stores)
        .fragment("header", get_header::get_header)
        .fragment("footer", get_footer::get_footer)
        .fragment("recommendations", get_recommendations::get_recommendations)
        .fragment("store-picker", get_store_picker::get_store_picker);
    Ok(bff)
}

#[cfg(test)]
mod tests;
