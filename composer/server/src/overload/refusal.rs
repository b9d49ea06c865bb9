//! What a request is told that isn't let in: a few bytes that are there already.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

/// No style, no id, no nonce: it is made of nothing but its bytes.
const PAGE: &[u8] = b"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Too many visitors</title>\n</head>\n\
    <body>\n<h1>Too many visitors right now</h1>\n<p>Please try again in a moment.</p>\n</body>\n</html>\n";
/// 503, and when to come again. The connection is kept: a new one would cost more.
pub(crate) fn refusal() -> Response {
    let mut response = Response::new(Body::from(Bytes::from_static(PAGE)));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    // Those who come again come at different times.
    let retry_after = HeaderValue::from(fastrand::u16(1..=4));
    headers.insert(header::RETRY_AFTER, retry_after);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
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
}
