//! What belongs to one response only.

use std::sync::Arc;

use bytes::Bytes;

/// How much a page holds of bytes that wait for their turn.
pub const HELD_BYTES: usize = 8 << 20;

/// One response's own values.
#[derive(Debug, Clone)]
pub struct PageContext {
    /// The nonce of the response's `Content-Security-Policy`.
    pub nonce: String,
    /// The id that people quote.
    pub request_id: String,
    /// Limit of the bytes that wait for their turn, [`HELD_BYTES`] where nothing speaks against it.
    pub held_bytes: usize,
    /// The composition that the page is assembled from, signed; the loader's tag carries it.
    pub composition: Option<Arc<str>>,
    /// HTML of the composer's own, put before the end of the body.
    pub badge: Option<Bytes>,
}
