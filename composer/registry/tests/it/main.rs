//! Version folders, from a team's source to what a composer serves; and the registry that publishes and releases them.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod app;
mod shop;
mod packing;
mod loading;
mod snapshot;
mod publishing;
mod releasing;
mod racing;
mod keeping;
mod limits;
