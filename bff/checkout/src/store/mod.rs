//! What checkout keeps in SQLite; each function works within the caller's transaction.

pub(crate) mod orders;
pub(crate) mod drafts;
pub(crate) mod carts;
pub(crate) mod items;

/// Tables; safe to run at every start.
pub(crate) const SCHEMA: &str = concat!(include_str!("../../schema.sql"), include_str!("../../drafts.sql"));
/// Goods and pick-up points; safe to run at every start.
pub(crate) const SEED: &str = include_str!("../../seed.sql");
