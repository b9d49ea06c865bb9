//! Talks to the admin API: bearer token, JSON, limits for every wait and every answer.

mod calls;
mod public;
mod transport;
pub(crate) mod address;
pub(crate) mod error;

pub(crate) use calls::{HistoryQuery, PageQuery};
pub(crate) use error::ClientError;
pub(crate) use public::fetch_page;
pub(crate) use transport::{Client, Reply};
