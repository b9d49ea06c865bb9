//! The head of a BFF's response.

use http::{HeaderMap, StatusCode};

/// The head of a BFF's response.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    /// 200, or for a page's own fragment also a redirect or a 4xx.
    pub status: StatusCode,
    /// All headers, as the BFF sent them.
    pub headers: HeaderMap,
}
