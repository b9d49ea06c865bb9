//! The head of a page: what its own fragment may say about it, and nothing more.

use composer_fetch::{ResponseHead, Upstream, cookies};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::location::same_site;

/// Status and headers of a page.
#[derive(Debug)]
pub(crate) struct PageHead {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// True when its own fragment wants it encoded by nobody.
    pub(crate) forbids_transform: bool,
}

impl PageHead {
    /// Takes from the head that `upstream` sent: status, a redirect within `host`, and the app's own cookies.
    ///
    /// `None` for a redirect to where it may not lead.
    pub(crate) fn new(head: &ResponseHead, upstream: &Upstream, host: &str) -> Option<Self> {
        let mut headers = HeaderMap::with_capacity(16);
        if head.status.is_redirection() {
            let location = head.headers.get(header::LOCATION)?;
            headers.insert(header::LOCATION, same_site(location, host)?);
        } else {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
        }
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            if let Some(cookie) = cookies::settable(cookie, upstream.cookies()) {
                headers.append(header::SET_COOKIE, cookie);
            }
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(Self {
            status: head.status,
            headers,
            forbids_transform: head.forbids_transform(),
        })
    }
}
