//! What a page's head will ask for, told to the browser while the page is still waited for (RFC 8297).

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, HeaderValue, Method, Request, header};

/// A place for the links of one response, between the handler that knows them and the connection that can send them. A
/// request extension, there only where the client copes with hints.
#[derive(Clone)]
pub(crate) struct Hints(Arc<Mutex<State>>);

enum State {
    /// The handler has not said any.
    Open,
    /// They can be sent.
    Given(HeaderValue),
    /// They have been sent.
    Sent,
}

impl Hints {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::Open)))
    }

    /// Tells whether `request` opens a document: browsers take hints for nothing else.
    pub(crate) fn suit<B>(request: &Request<B>) -> bool {
        let says = |name, value: &str| request.headers().get(name).is_some_and(|found| found == value);
        *request.method() == Method::GET && says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
    }

    /// Has `links` sent as soon as the handler waits for something; a response that needs no waiting needs no hints.
    pub(crate) fn give(&self, links: HeaderValue) {
        let mut state = self.state();
        if matches!(*state, State::Open) {
            *state = State::Given(links);
        }
    }

    /// What is to be sent now, once.
    pub(crate) fn take(&self) -> Option<HeaderMap> {
        let mut state = self.state();
        let State::Given(links) = &*state else { return None };
        let headers = HeaderMap::from_iter([(header::LINK, links.clone())]);
        *state = State::Sent;
        Some(headers)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, mode: &str, dest: &str) -> Request<()> {
        let request = Request::builder().method(method).uri("/");
        let request = request.header("sec-fetch-mode", mode).header("sec-fetch-dest", dest);
        request.body(()).unwrap()
    }

    #[test]
    fn they_are_for_documents_that_a_browser_opens() {
        assert!(Hints::suit(&request("GET", "navigate", "document")));
        assert!(!Hints::suit(&request("HEAD", "navigate", "document")));
        assert!(!Hints::suit(&request("GET", "navigate", "iframe")));
        assert!(!Hints::suit(&request("GET", "no-cors", "style")));
        assert!(!Hints::suit(&Request::new(())));
    }

    #[test]
    fn they_are_sent_once() {
        let links = HeaderValue::from_static("</a.css>; rel=preload; as=style");
        let hints = Hints::new();
        assert!(hints.take().is_none());
        hints.give(links.clone());
        assert_eq!(hints.take().unwrap()[header::LINK], links);
        hints.give(links.clone());
        assert!(hints.take().is_none());
    }
}
