//! The good reply that a fault spoils.

use std::fmt::Write;

use bytes::Bytes;

/// How a reply says where its body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `content-length`.
    Length,
    /// `transfer-encoding: chunked`, in chunks of a few bytes each.
    Chunked,
    /// The end of the connection.
    Close,
}

/// A reply that is in order, as its bytes.
#[derive(Debug, Clone)]
pub struct Answer {
    status: String,
    content_type: String,
    lines: String,
    framing: Framing,
    body: Bytes,
}

/// Bytes of the body in each chunk.
const CHUNK_BYTES: usize = 100;

impl Answer {
    /// 200, HTML, with a `content-length`.
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self {
            status: "HTTP/1.1 200 OK".into(),
            content_type: "text/html; charset=utf-8".into(),
            lines: String::new(),
            framing: Framing::Length,
            body: body.into(),
        }
    }

    /// With another status line, whether it is one or not.
    #[must_use]
    pub fn status(&self, line: &str) -> Self {
        Self {
            status: line.to_owned(),
            ..self.clone()
        }
    }

    /// With another content type; an empty one is none.
    #[must_use]
    pub fn content_type(&self, value: &str) -> Self {
        Self {
            content_type: value.to_owned(),
            ..self.clone()
        }
    }

    /// With more header lines, each with its line end, whatever is in them.
    #[must_use]
    pub fn lines(&self, lines: &str) -> Self {
        Self {
            lines: format!("{}{lines}", self.lines),
            ..self.clone()
        }
    }

    /// With a `cache-control`; an empty one is none.
    #[must_use]
    pub fn cached(&self, control: &str) -> Self {
        match control {
            "" => self.clone(),
            control => self.lines(&format!("cache-control: {control}\r\n")),
        }
    }

    /// Framed in another way.
    #[must_use]
    pub fn framed(&self, framing: Framing) -> Self {
        Self {
            framing,
            ..self.clone()
        }
    }

    /// With another body.
    #[must_use]
    pub fn body(&self, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            ..self.clone()
        }
    }

    /// The text of the body.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The head up to its framing, without the empty line.
    pub fn open_head(&self) -> String {
        let mut head = format!("{}\r\n", self.status);
        if !self.content_type.is_empty() {
            let _ = write!(head, "content-type: {}\r\n", self.content_type);
        }
        head + &self.lines
    }

    /// The whole head.
    pub fn head(&self) -> String {
        let framing = match self.framing {
            Framing::Length => format!("content-length: {}\r\n\r\n", self.body.len()),
            Framing::Chunked => "transfer-encoding: chunked\r\n\r\n".into(),
            Framing::Close => "connection: close\r\n\r\n".into(),
        };
        self.open_head() + &framing
    }

    /// The body as it goes over the wire.
    pub fn wire_body(&self) -> Bytes {
        if self.framing != Framing::Chunked {
            return self.body.clone();
        }
        let mut wire = chunks(&self.body);
        wire.extend_from_slice(b"0\r\n\r\n");
        wire.into()
    }

    /// All of it.
    pub fn wire(&self) -> Bytes {
        joined(&self.head(), &self.wire_body())
    }

    /// The head and half of the body's bytes.
    pub fn half(&self) -> Bytes {
        let body = self.wire_body();
        joined(&self.head(), &body[..body.len() / 2])
    }
}

/// Bytes in chunks, without the last one.
pub(super) fn chunks(body: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for chunk in body.chunks(CHUNK_BYTES) {
        wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        wire.extend_from_slice(chunk);
        wire.extend_from_slice(b"\r\n");
    }
    wire
}

/// Text and then bytes.
pub(super) fn joined(text: &str, bytes: &[u8]) -> Bytes {
    [text.as_bytes(), bytes].concat().into()
}
