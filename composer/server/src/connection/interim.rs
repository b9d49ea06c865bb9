//! Hints on an HTTP/1.1 connection: written between two messages, while the second is waited for, or not at all.
//!
//! hyper can't send what comes before a response. Its bytes pass through here, so that here is known when none of a
//! message is under way: it flushes only when it has handed over all that it had, and a request's response begins only
//! when its handler has answered. A client that has sent more than the one request may have lost count of responses, and
//! gets no hints.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;

use crate::hints::Hints;

/// What the stream of a connection and its requests share.
#[derive(Debug, Default)]
pub(super) struct Interim(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Of the request whose response is waited for.
    hints: Option<Hints>,
    line: Line,
    /// True when a head has ended since the last request began.
    ended: bool,
    /// True when more has come after that.
    followed: bool,
}

/// How a line of a head has begun.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Text,
    Empty,
}

impl Interim {
    /// Takes note of bytes that have come.
    pub(super) fn received(&self, bytes: &[u8]) {
        let mut state = self.state();
        if !bytes.is_empty() {
            state.hints = None;
        }
        for byte in bytes {
            state.followed |= state.ended;
            match (byte, state.line) {
                (b'\n', Line::Empty) => state.ended = true,
                (b'\n', Line::Text) => state.line = Line::Empty,
                (b'\r', _) => {}
                _ => state.line = Line::Text,
            }
        }
    }

    /// A request begins: it may have hints if nothing has come behind its head.
    pub(super) fn begin(&self, hints: Option<Hints>) {
        let mut state = self.state();
        let is_lone = state.ended && !state.followed;
        *state = State {
            hints: hints.filter(|_| is_lone),
            ..State::default()
        };
    }

    /// The response is there.
    pub(super) fn end(&self) {
        self.state().hints = None;
    }

    /// The message that may be sent now, when no other is under way.
    pub(super) fn take(&self) -> Option<Bytes> {
        let links = self.state().hints.as_ref()?.take()?;
        Some(message(&links))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn message(headers: &HeaderMap) -> Bytes {
    let mut out = b"HTTP/1.1 103 Early Hints\r\n".to_vec();
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\n");
    out.into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    fn given() -> Hints {
        let hints = Hints::new();
        hints.give(HeaderValue::from_static("</a.css>; rel=preload; as=style"));
        hints
    }

    fn said(before: &[&[u8]], after: &[u8]) -> bool {
        let interim = Interim::default();
        before.iter().for_each(|bytes| interim.received(bytes));
        interim.begin(Some(given()));
        interim.received(after);
        interim.take().is_some()
    }

    #[test]
    fn one_request_alone_may_be_hinted() {
        assert!(said(&[HEAD], b""));
        assert!(said(&[b"\r\n", b"GET / HTTP/1.1\n\n"], b""));
        let bytes: Vec<&[u8]> = HEAD.chunks(1).collect();
        assert!(said(&bytes, b""));
        let interim = Interim::default();
        interim.received(HEAD);
        interim.begin(Some(given()));
        let expected = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload; as=style\r\n\r\n";
        assert_eq!(interim.take().unwrap(), expected);
        assert_eq!(interim.take(), None);
    }

    #[test]
    fn a_request_with_anything_behind_it_is_not() {
        assert!(!said(&[HEAD, HEAD], b""));
        assert!(!said(&[HEAD, b"G"], b""));
        assert!(!said(&[HEAD], b"G"));
        assert!(!said(&[HEAD, b"\r\n"], b""));
        assert!(!said(&[], b""));
        assert!(!said(&[b"\r\n\r\n", HEAD], b""));
    }

    #[test]
    fn the_next_request_is_looked_at_anew() {
        let interim = Interim::default();
        interim.received(&[HEAD, HEAD].concat());
        interim.begin(Some(given()));
        assert_eq!(interim.take(), None);
        interim.begin(Some(given()));
        assert_eq!(interim.take(), None);
        interim.received(HEAD);
        interim.begin(Some(given()));
        assert!(interim.take().is_some());
        interim.received(HEAD);
        interim.begin(Some(given()));
        interim.end();
        assert_eq!(interim.take(), None);
    }
}
