//! The head of a BFF's response.

use http::{HeaderMap, StatusCode, header};

use crate::directives::Directives;

/// The head of a BFF's response.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    /// 200, or for a page's own fragment also a redirect or a 4xx.
    pub status: StatusCode,
    /// All headers, as the BFF sent them.
    pub headers: HeaderMap,
}

impl ResponseHead {
    /// True when the BFF wants nothing between it and the browser to encode what it sends (RFC 9110 §7.7).
    pub fn forbids_transform(&self) -> bool {
        self.headers.contains_key(header::CACHE_CONTROL) && Directives::for_browsers(&self.headers).no_transform
    }
}
