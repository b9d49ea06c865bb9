//! The head of a response, once all of it has come.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use httparse::{ParserConfig, Response, Status};

use super::{Body, WireError};

/// A response with more fields is refused.
const MAX_FIELDS: usize = 100;

/// The head of a response, and what it says of the bytes after it.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Whether another request may follow on the connection.
    pub(crate) keeps: bool,
    /// True when it says in two ways where its body ends.
    pub(crate) is_ambiguous: bool,
}

/// How far a head has been looked for.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    looked_at: usize,
}

impl Head {
    /// True when the response's own head is still to come; after a switch of protocols, there is none.
    pub(crate) fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }
}

impl Reading {
    /// Takes the head out of `buffer`, if all of it is there. Until then `buffer` only grows.
    ///
    /// # Errors
    /// When it is none, or says of its body what can't be.
    pub(crate) fn head(&mut self, buffer: &mut BytesMut) -> Result<Option<Head>, WireError> {
        let before = std::mem::replace(&mut self.looked_at, buffer.len());
        match buffer.first() {
            None => return Ok(None),
            // Parsers skip empty lines, and an endless number of them would be looked at again with each one more.
            Some(b'\r' | b'\n') => return Err(httparse::Error::Version.into()),
            Some(_) => {}
        }
        // What comes in many pieces is parsed with its first one, and with each that may end it.
        if before > 0 && !ends_within(&buffer[before.saturating_sub(3)..]) {
            return Ok(None);
        }
        let Some((head, length)) = parse(buffer)? else {
            return Ok(None);
        };
        buffer.advance(length);
        self.looked_at = 0;
        Ok(Some(head))
    }
}

fn ends_within(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| two == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

fn parse(buffer: &[u8]) -> Result<Option<(Head, usize)>, WireError> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, buffer, &mut fields)?;
    let Status::Complete(length) = parsed else {
        return Ok(None);
    };
    // Copied once: what keeps a field doesn't keep all that was read with it.
    let text = Bytes::copy_from_slice(&buffer[..length]);
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    let mut framing = Framing::default();
    for field in &*response.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| WireError::Field("name"))?;
        framing.note(&name, field.value)?;
        let at = field.value.as_ptr().addr() - buffer.as_ptr().addr();
        let value = text.slice(at..at + field.value.len());
        let value = HeaderValue::from_maybe_shared(value).map_err(|_| WireError::Field("value"))?;
        headers.append(name, value);
    }
    let status = response.code.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or(httparse::Error::Status)?;
    let is_old = response.version != Some(1);
    let head = Head {
        status,
        headers,
        body: framing.body(status, is_old)?,
        keeps: framing.keeps(status, is_old),
        is_ambiguous: framing.is_ambiguous(),
    };
    Ok(Some((head, length)))
}

/// What the fields of a head say of the bytes after it.
#[derive(Debug, Default)]
struct Framing {
    length: Option<u64>,
    codings: usize,
    is_chunked: bool,
    closes: bool,
}

impl Framing {
    fn note(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), WireError> {
        if *name == header::CONTENT_LENGTH {
            let length = decimal(value).ok_or(WireError::Field("content-length"))?;
            // Twice the same is once.
            if self.length.replace(length).is_some_and(|known| known != length) {
                return Err(WireError::Field("content-length"));
            }
        } else if *name == header::TRANSFER_ENCODING {
            self.codings += 1;
            self.is_chunked = value.eq_ignore_ascii_case(b"chunked");
        } else if *name == header::CONNECTION {
            let mut options = value.split(|byte| *byte == b',');
            self.closes |= options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
        }
        Ok(())
    }

    /// The body after the head (RFC 9112 §6.3).
    fn body(&self, status: StatusCode, is_old: bool) -> Result<Body, WireError> {
        if has_none(status) {
            return Ok(Body::none());
        }
        match self.codings {
            0 => Ok(self.length.map_or_else(Body::until_closed, Body::of)),
            1 if self.is_chunked && !is_old => Ok(Body::chunked()),
            _ => Err(WireError::Field("transfer-encoding")),
        }
    }

    /// Whether another response may follow the body.
    fn keeps(&self, status: StatusCode, is_old: bool) -> bool {
        let has_end = has_none(status) || self.length.is_some() != (self.codings > 0);
        has_end && !is_old && !self.closes && status != StatusCode::SWITCHING_PROTOCOLS
    }

    fn is_ambiguous(&self) -> bool {
        self.length.is_some() && self.codings > 0
    }
}

fn has_none(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// A number of digits alone.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Head>, WireError> {
        Reading::default().head(&mut BytesMut::from(text))
    }

    fn said(text: &str) -> String {
        match read(text) {
            Ok(Some(head)) => format!("{} {:?} {}", head.status.as_u16(), head.body, head.keeps),
            Ok(None) => "more".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_head_says_where_its_body_ends() {
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n", "200 Length(7) true"),
            ("HTTP/1.1 200 OK\ncontent-length: 7\n\n", "200 Length(7) true"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\ncontent-length:7\r\n\r\n",
                "200 Length(7) true",
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: x, Close\r\n\r\n",
                "200 Length(7) false",
            ),
            (
                "HTTP/1.0 200 OK\r\ncontent-length: 7\r\nconnection: keep-alive\r\n\r\n",
                "200 Length(7) false",
            ),
            (
                "HTTP/1.1 200\r\ntransfer-encoding: Chunked\r\n\r\n",
                "200 Chunked(Size(0, 0)) true",
            ),
            ("HTTP/1.1 200 OK\r\n\r\n", "200 UntilClosed false"),
            (
                "HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n",
                "304 Length(0) true",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204 Length(0) true"),
            ("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n", "101 Length(0) false"),
            ("HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n", "999 Length(0) true"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 7", "more"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n", "more"),
        ] {
            assert_eq!(said(head), expected, "{head}");
        }
    }

    #[test]
    fn one_that_says_so_in_two_ways_is_refused() {
        for (fields, culprit) in [
            ("content-length: 7\r\ncontent-length: 8", "content-length"),
            ("content-length: 7, 7", "content-length"),
            ("content-length: +7", "content-length"),
            ("content-length: -1", "content-length"),
            ("content-length: ", "content-length"),
            ("content-length: 18446744073709551616", "content-length"),
            ("transfer-encoding: gzip, chunked", "transfer-encoding"),
            (
                "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
                "transfer-encoding",
            ),
            ("transfer-encoding: identity", "transfer-encoding"),
            ("transfer-encoding: xchunked", "transfer-encoding"),
        ] {
            let said = said(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));
            assert_eq!(said, WireError::Field(culprit).to_string(), "{fields}");
        }
        assert!(read("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        // Whoever looks at the head refuses it.
        let both = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(said(both), "200 Chunked(Size(0, 0)) false");
        assert!(read(both).unwrap().unwrap().is_ambiguous);
    }

    #[test]
    fn what_is_no_head_is_refused_at_once() {
        for text in [
            "\r\n",
            "\nHTTP/1.1 200 OK\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n",
            "HTTP/2 200\r\n\r\n",
            "HTTP/1.1 99 Low\r\n\r\n",
            "HTTP/1.1 2000 High\r\n\r\n",
            "HTTP/1.1 099 Low\r\n\r\n",
            "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\na : c\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: c\0\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        let many = |count| format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(count));
        assert!(read(&many(MAX_FIELDS)).is_ok());
        assert!(read(&many(MAX_FIELDS + 1)).is_err());
    }

    #[test]
    fn a_head_may_come_byte_by_byte_and_leaves_what_follows() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nx: \xc3\xa4\r\n\r\n<p>";
        let (mut reading, mut buffer) = (Reading::default(), BytesMut::new());
        for (at, byte) in text.iter().enumerate() {
            buffer.extend_from_slice(&[*byte]);
            let head = reading.head(&mut buffer).unwrap();
            assert_eq!(head.is_some(), at == text.len() - 4, "{at}");
            if let Some(head) = head {
                assert_eq!(head.headers["content-type"], "text/html");
                assert_eq!(head.headers["x"].as_bytes(), "ä".as_bytes());
                break;
            }
        }
        assert!(buffer.is_empty());
        let mut buffer = BytesMut::from(&text[..]);
        assert!(Reading::default().head(&mut buffer).unwrap().is_some());
        assert_eq!(&buffer[..], b"<p>");
    }
}
