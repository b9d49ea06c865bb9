//! What a part of a page says about itself, and where a redirect leads for a shell, which would not learn it from `fetch`.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use contract::header as ours;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use super::visit::page_of;
use crate::security;

const FRAME: HeaderName = HeaderName::from_static(ours::FRAME);
const REDIRECT: HeaderName = HeaderName::from_static(ours::REDIRECT);
const LOCATION: HeaderName = HeaderName::from_static(ours::LOCATION);

/// True for a browser that would show a part to a person, as it stands.
pub(super) fn is_shown(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate")
}

/// Leads to the page itself.
pub(super) fn lead_to_page(uri: &Uri, base: &str) -> Response {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let rest = page_of(target, base);
    let slash = if rest.starts_with('/') { "" } else { "/" };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::try_from([slash, rest].concat()) {
        headers.insert(header::LOCATION, to);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    response
}

/// Makes `response` a part of a page within `frame`: nothing runs in it where it is shown alone.
pub(super) fn mark(response: &mut Response, frame: &HeaderValue) {
    response.headers_mut().insert(FRAME, frame.clone());
    security::no_script(response.headers_mut());
    tell_redirect(response);
}

/// True for a shell that wants to be told where a redirect leads.
pub(super) fn wants_to_be_told(headers: &HeaderMap) -> bool {
    headers.get(REDIRECT).is_some_and(|wish| wish == "tell")
}

/// Says where a redirect to another page leads, in its place.
pub(super) fn tell_redirect(response: &mut Response) {
    let leads_on = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(to) = leads_on
        .then(|| response.headers_mut().remove(header::LOCATION))
        .flatten()
    else {
        return;
    };
    *response.body_mut() = Body::empty();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
        headers.remove(name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(LOCATION, to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(uri: &'static str) -> String {
        let response = lead_to_page(&Uri::from_static(uri), "/_m/page");
        response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    #[test]
    fn who_opens_a_part_is_led_to_its_page() {
        assert_eq!(leads("/_m/page"), "/");
        assert_eq!(leads("/_m/page?a=b"), "/?a=b");
        assert_eq!(leads("/_m/page/checkout/cart?a=%2F"), "/checkout/cart?a=%2F");
    }

    #[test]
    fn a_redirect_becomes_a_header() {
        let mut response = (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, "/checkout/cart#end"), (header::SET_COOKIE, "cart=1")],
            "text",
        )
            .into_response();
        tell_redirect(&mut response);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let headers = response.headers();
        assert_eq!(headers[LOCATION], "/checkout/cart#end");
        assert_eq!(headers[header::SET_COOKIE], "cart=1");
        assert!(!headers.contains_key(header::LOCATION) && !headers.contains_key(header::CONTENT_TYPE));
    }
}
