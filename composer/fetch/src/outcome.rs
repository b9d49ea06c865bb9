//! What a fetch tells its page, step by step.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::FetchError;

/// One step of a fetch: `Head Chunk* End`, or at any point `Failed` as the last.
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
}

/// The head of a BFF's response.
#[derive(Debug)]
pub struct ResponseHead {
    /// 200, or for a page's own fragment also a redirect or a 4xx.
    pub status: StatusCode,
    /// All headers, as the BFF sent them.
    pub headers: HeaderMap,
}
