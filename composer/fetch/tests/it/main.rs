//! Fetches against BFFs that behave, and against every kind that doesn't.

mod bff;
mod fetching;

mod good;
mod hostile;
mod reuse;
