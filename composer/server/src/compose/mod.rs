//! Joins fetch and stitch: events go in as they arrive, a head and then a stream of bytes comes out.

mod body;
mod outgoing;
mod head;
mod location;
mod page;
mod due;
mod patience;
mod failure;
mod timing;

pub(crate) use crate::chain::chain;
pub(crate) use body::PageBody;
pub(crate) use failure::{PageError, SlotError};
pub(crate) use head::PageHead;
pub(crate) use location::same_site;
pub(crate) use page::Page;
pub(crate) use timing::SERVER_TIMING;
