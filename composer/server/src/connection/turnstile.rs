//! Turns requests of HTTP/1.1 away before hyper sees them: a refusal is to cost next to nothing.
//!
//! hyper's bytes pass through here, and that a request begins with those that have just come is known of them: no request is
//! under way, the last one had no body and went on to no other protocol, all that hyper was given ends like a head, and what it
//! had to write is written. For hyper asks for more only when what it holds is no whole head; what ends like a head is one, or
//! an error that ends the connection; so it holds nothing. It flushes only when it has handed over all that it had. Whatever is
//! not just one plain request goes to hyper.

use bytes::Bytes;
use httparse::{EMPTY_HEADER, Header, Status};

use super::activity::Activity;
use crate::handler::Handler;

/// Browsers send about twenty.
const MOST_FIELDS: usize = 64;
const END: [u8; 4] = *b"\r\n\r\n";

/// What is known of the bytes on both ways.
pub(super) struct Turnstile {
    handler: Handler,
    /// The last bytes that hyper was given; of a new connection it is as if it had been a head.
    last: [u8; 4],
    /// True when hyper may have more to write.
    holds: bool,
}

impl Turnstile {
    pub(super) fn new(handler: Handler) -> Self {
        Self {
            handler,
            last: END,
            holds: false,
        }
    }

    /// hyper is given these.
    pub(super) fn passed(&mut self, bytes: &[u8]) {
        for byte in &bytes[bytes.len().saturating_sub(END.len())..] {
            self.last.rotate_left(1);
            self.last[3] = *byte;
        }
    }

    /// hyper has something to write.
    pub(super) fn writes(&mut self) {
        self.holds = true;
    }

    /// hyper has written all that it had.
    pub(super) fn flushes(&mut self) {
        self.holds = false;
    }

    /// The whole reply to what has come, where that is one request and is turned away.
    pub(super) fn refusal(&self, activity: &Activity, bytes: &[u8]) -> Option<Bytes> {
        // Nearly always nobody is: that is to cost nothing at all.
        if !self.handler.turns_away() || self.holds || self.last != END || !activity.is_between() {
            return None;
        }
        let mut fields = [EMPTY_HEADER; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let is_whole = matches!(request.parse(bytes), Ok(Status::Complete(length)) if length == bytes.len());
        let is_plain =
            request.method == Some("GET") && request.version == Some(1) && request.headers.iter().all(is_plain);
        let target = request
            .path
            .filter(|target| is_whole && is_plain && target.starts_with('/'))?;
        self.handler.refusal(target.split('?').next().unwrap_or_default())
    }
}

/// Tells whether a field says nothing of the connection, nor that more follows the head.
fn is_plain(field: &Header<'_>) -> bool {
    let is = |name: &str| field.name.eq_ignore_ascii_case(name);
    match field.name.len() {
        6 => !is("expect"),
        7 => !is("upgrade"),
        10 => !is("connection") || field.value.eq_ignore_ascii_case(b"keep-alive"),
        14 => !is("content-length"),
        17 => !is("transfer-encoding"),
        _ => true,
    }
}
