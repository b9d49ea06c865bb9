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
    /// Whether content may come later than the place it belongs to.
    pub order: Order,
    /// Whether the page offers the inspector, and tells of its slots what that shows.
    pub inspector: Offered,
}

/// How a page offers the inspector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Offered {
    /// Not at all.
    #[default]
    No,
    /// To whoever asks for it by key or address.
    Quietly,
    /// With a button, too.
    Openly,
}

/// In which order a page's parts go out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the document.
    #[default]
    Document,
    /// A slot that is waited for may be overtaken: its content follows before the end of the body.
    OutOfOrder {
        /// Random text of 96 bits or more, of this response only: with it other content could be put into a slot.
        names: String,
        /// Where a browser goes that neither puts late content in place by itself nor runs scripts: the same page in the
        /// document's order. `None` for a browser that is known to do the former.
        in_order: Option<String>,
    },
}
