//! One file a command; `main.rs` is the table of them.

pub(crate) mod serve;
pub(crate) mod check;
pub(crate) mod pack;
mod open_files;
