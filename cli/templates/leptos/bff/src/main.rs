//! Starts the BFF of {{app}}.

use bff_kit::sqlite::Database;

#[tokio::main]
async fn main() -> Result<(), bff_kit::Error> {
    let database = Database::open("{{app}}", {{crate}}_bff::SCHEMA, "")?;
    {{crate}}_bff::bff()?.with_state(database).serve().await
}
