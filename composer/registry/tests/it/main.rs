//! Version folders, from a team's source to what a composer serves.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod app;
mod packing;
mod loading;
mod snapshot;
