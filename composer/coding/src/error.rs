//! Why a body can't be compressed any further.

/// An encoder failed; what it gave until then is all there will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the encoder of `{coding}` failed, most likely for want of memory")]
pub struct CodingError {
    /// The word for `Content-Encoding`.
    pub coding: &'static str,
}
