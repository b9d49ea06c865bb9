//! What belongs to one response only.

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
}
