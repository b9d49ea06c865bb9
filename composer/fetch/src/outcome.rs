//! What a fetch tells its page, step by step.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Entry, FetchError, ResponseHead};

/// One step of a fetch: `Head Chunk* End`, or at any point `Failed` as the last; or `Kept` alone.
#[derive(Debug)]
pub enum Event {
    /// The head is in and sound.
    Head(ResponseHead),
    /// Bytes of the body, never empty.
    Chunk(Bytes),
    /// The body is whole.
    End,
    /// Nothing more comes.
    Failed(FetchError),
    /// Head and whole body at once, from the cache.
    Kept(Arc<Entry>),
}
