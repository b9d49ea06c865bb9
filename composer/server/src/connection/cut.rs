//! Why an HTTP/2 stream ends before its response does.

use h2::Reason;

/// Why a stream ended before its response did.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cut {
    #[error(transparent)]
    Protocol(#[from] h2::Error),
    #[error("the client gave the stream up: {0}")]
    Reset(Reason),
    #[error("the client takes nothing, or too little")]
    Stalled,
    #[error("the response broke off")]
    Body(#[source] axum::Error),
    #[error("the response is of a kind that HTTP/2 does not have")]
    Informational,
}
