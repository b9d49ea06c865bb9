//! What is known of a request before a handler sees it, and what a handler tells about its reply.

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use http::HeaderValue;

use crate::hex::hex;

/// The id of one request: given by the composer, never taken from a client. A request extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(HeaderValue);

/// The connection that a request came by. A request extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) tls: bool,
}

/// Host and path of a request, of which there is one spelling only. A request extension.
///
/// The request's own URI is spelled the same way, percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// Lower case, with the port that the client wrote.
    pub(crate) host: String,
    /// Decoded once: no `.`, `..` or empty segments, no control characters, no backslash.
    pub(crate) path: String,
    /// As written, without `?`.
    pub(crate) query: Option<String>,
}

/// The pattern that a page's address matched, for log and metrics. A response extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteLabel(pub(crate) Arc<str>);

/// Which call of the admin API was made, and by which token. A response extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) act: &'static str,
    pub(crate) token: Option<Arc<str>>,
}

/// How the slots of one reply ended; counted while its body is sent. A response extension.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    fresh: AtomicU32,
    fallback: AtomicU32,
}

impl RequestId {
    /// Makes an id that is not met twice.
    pub(crate) fn new() -> Self {
        let digits = hex::<16>(fastrand::u64(..).into());
        Self(HeaderValue::from_bytes(&digits).expect("an id is hexadecimal"))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Tally {
    /// Counts a slot that shows its fragment.
    pub(crate) fn fresh(&self) {
        self.0.fresh.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a slot that shows its fallback.
    pub(crate) fn fallback(&self) {
        self.0.fallback.fetch_add(1, Ordering::Relaxed);
    }

    /// Fresh ones and fallbacks so far.
    pub(crate) fn counts(&self) -> (u32, u32) {
        (
            self.0.fresh.load(Ordering::Relaxed),
            self.0.fallback.load(Ordering::Relaxed),
        )
    }
}
