//! Fetches against BFFs that behave, and against every kind that doesn't.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bff;
mod fetching;
mod instances;
mod kitchen;

mod caching;
mod exchanges;
mod fleet;
mod flights;
mod good;
mod guarding;
mod hedging;
mod hostile;
mod policies;
mod reuse;
