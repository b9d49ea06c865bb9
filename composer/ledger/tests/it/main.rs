//! The ledger against real files: what it keeps, through whatever happens to them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acts;
mod damage;
mod disk;
mod durable;
mod killed;
mod neighbours;
mod opening;
mod support;
