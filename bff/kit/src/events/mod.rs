//! What the app tells open pages: events, appended in the transaction of the change that they are about.
//!
//! ```
//! use bff_kit::{events, sqlite::Database};
//! use fragments_kit::Event;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct StockChanged { sku: String, stock: i64 }
//!
//! impl Event for StockChanged {
//!     const TOPIC: &'static str = "shop:stock-changed";
//! }
//!
//! async fn take(database: &Database, sku: String) -> Result<(), bff_kit::sqlite::DatabaseError> {
//!     database
//!         .write(move |db| {
//!             let sql = "UPDATE items SET stock = stock - 1 WHERE sku = ?1 RETURNING stock";
//!             let stock = db.query_row(sql, [&sku], |row| row.get(0))?;
//!             events::publish(db, &StockChanged { sku, stock })
//!         })
//!         .await
//! }
//! ```
//!
//! [`EventLog::open`] makes the log, and [`Bff::events`](crate::Bff::events) serves it to composers.

pub(crate) mod feed;
mod log;

pub use log::{EventError, EventLog, Retention, publish, publish_to};
