//! What a request is told that isn't let in: a few bytes that are there already.

use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::connection::date;

/// The length of [`PAGE`].
const LENGTH: &str = "270";
/// No style, no id, no nonce: it is made of nothing but its bytes.
const PAGE: &[u8] = b"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Too many visitors</title>\n</head>\n\
    <body>\n<h1>Too many visitors right now</h1>\n<p>Please try again in a moment.</p>\n</body>\n</html>\n";
const FIELDS: [(HeaderName, &str); 4] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
/// More than the head takes.
const HEAD_BYTES: usize = 320;

/// 503, and when to come again. The connection is kept: a new one would cost more.
pub(crate) fn refusal() -> Response {
    let mut response = Response::new(Body::from(Bytes::from_static(PAGE)));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(u16::from(retry_after())));
    for (name, value) in FIELDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The same as a message of HTTP/1.1.
pub(crate) fn message() -> Bytes {
    let mut out = BytesMut::with_capacity(HEAD_BYTES + PAGE.len());
    out.extend_from_slice(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: ");
    out.extend_from_slice(&[b'0' + retry_after()]);
    for (name, value) in FIELDS {
        for part in ["\r\n", name.as_str(), ": ", value] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\ncontent-length: ");
    out.extend_from_slice(LENGTH.as_bytes());
    out.extend_from_slice(b"\r\ndate: ");
    out.extend_from_slice(date().as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(PAGE);
    out.freeze()
}

/// Those who come again come at different times.
fn retry_after() -> u8 {
    fastrand::u8(1..=4)
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    #[test]
    fn a_refusal_is_small_and_says_when_to_come_again() {
        let response = refusal();
        assert_eq!(response.status(), 503);
        assert!(response.body().size_hint().exact().is_some_and(|bytes| bytes < 512));
        let seconds = response.headers()[header::RETRY_AFTER].to_str().unwrap();
        assert!((1..=4).contains(&seconds.parse::<u8>().unwrap()));
    }

    #[test]
    fn the_message_says_the_same() {
        let message = message();
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut parsed = httparse::Response::new(&mut fields);
        let head = parsed.parse(&message).unwrap().unwrap();
        assert!(head <= HEAD_BYTES, "{head}");
        assert_eq!((parsed.code, &message[head..]), (Some(503), PAGE));
        let fields = parsed.headers.iter();
        let of_message: std::collections::BTreeMap<_, _> = fields.map(|field| (field.name, field.value)).collect();
        assert_eq!(of_message["content-length"], PAGE.len().to_string().as_bytes());
        let response = refusal();
        for (name, value) in response.headers() {
            let is_same = of_message[name.as_str()] == value.as_bytes() || *name == header::RETRY_AFTER;
            assert!(is_same, "{name}");
        }
        assert_eq!(of_message.len(), response.headers().len() + 2);
    }
}
