//! Takes a response head only if it is sound and one that the fragment may give.

use contract::Role;
use http::{HeaderMap, StatusCode, header};

use crate::{
    FetchError, ResponseHead, Visit,
    wire::{Body, Head},
};

/// Splits `head` when it may be used.
pub(super) fn check(head: Head, role: Role, visit: &Visit) -> Result<(ResponseHead, Body), FetchError> {
    let Head {
        status, headers, body, ..
    } = head;
    if head.is_ambiguous {
        // RFC 9112 §6.3: "ought to be handled as an error", as it is how responses get smuggled.
        return Err(FetchError::Refused("has both content-length and transfer-encoding"));
    }
    let is_unmodified = status == StatusCode::NOT_MODIFIED && visit.is_conditional();
    let redirects = role == Role::Primary && is_redirect(status) || is_unmodified;
    let shows = status == StatusCode::OK || role == Role::Primary && status.is_client_error();
    match (redirects, shows) {
        (true, _) => {}
        (_, true) => check_content(&headers, status)?,
        _ => return Err(FetchError::Status(status)),
    }
    Ok((ResponseHead { status, headers }, body))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn check_content(headers: &HeaderMap, status: StatusCode) -> Result<(), FetchError> {
    let encoded = headers.get(header::CONTENT_ENCODING);
    if encoded.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(FetchError::Refused("is compressed, which was not asked for"));
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    match content_type.and_then(|value| str::from_utf8(value.as_bytes()).ok()) {
        Some(content_type) if is_html(content_type) => Ok(()),
        // A 404 in JSON is still a 404.
        _ if status != StatusCode::OK => Err(FetchError::Status(status)),
        _ => Err(FetchError::Refused("is not `text/html` in UTF-8")),
    }
}

fn is_html(content_type: &str) -> bool {
    // What nearly all say.
    if matches!(content_type, "text/html; charset=utf-8" | "text/html") {
        return true;
    }
    let mut parts = content_type.split(';');
    let essence = parts.next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("text/html")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_html_in_utf8() {
        for good in [
            "text/html",
            "text/html; charset=utf-8",
            "Text/HTML ;charset=\"UTF-8\"",
            "text/html;x=y",
        ] {
            assert!(is_html(good), "{good}");
        }
        for bad in ["", "text/plain", "text/html; charset=iso-8859-1", "text/htmlx"] {
            assert!(!is_html(bad), "{bad}");
        }
    }
}
