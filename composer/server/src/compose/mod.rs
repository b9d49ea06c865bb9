//! Joins fetch and stitch: events go in as they arrive, a head and then a stream of bytes comes out.

mod body;
mod outgoing;
mod head;
mod page;
mod due;
mod patience;
mod failure;

pub(crate) use body::PageBody;
pub(crate) use failure::{PageError, SlotError, chain};
pub(crate) use head::{PageHead, same_site};
pub(crate) use page::Page;
