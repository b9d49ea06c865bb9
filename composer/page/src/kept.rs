//! The whole body of a fragment, kept for several pages.

use bytes::Bytes;

/// A whole body.
#[derive(Debug)]
pub struct Kept {
    raw: Bytes,
}

impl Kept {
    /// Keeps `raw`, all that a fragment sent.
    pub fn new(raw: Bytes) -> Self {
        Self { raw }
    }

    /// The body as it was sent.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The memory that it takes, in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.raw.len()
    }
}
