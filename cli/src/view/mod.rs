//! The API's answers as text for people.

pub(crate) mod overview;
pub(crate) mod app;
pub(crate) mod canary;
pub(crate) mod history;
pub(crate) mod page;
pub(crate) mod access;
pub(crate) mod findings;
mod live;

pub(crate) use live::{audience, who_sees};
