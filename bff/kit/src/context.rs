//! What a request says about itself, beyond path and body.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use contract::{
    FragmentId,
    header::{BASE, REQUEST_ID},
};
use http::{HeaderMap, header, request::Parts};
use tokio::time::Instant;

use crate::{Cookies, Locale, Trace};

/// What a request says about itself. An extractor that never refuses.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Where the browser reaches this version's BFF, `/_m/app/checkout@1.4.2`; empty without a composer in front.
    pub base: String,
    /// The fragment that is asked for; none on other routes.
    pub fragment: Option<FragmentId>,
    /// When the caller gives up; this request is cancelled then.
    pub deadline: Option<Instant>,
    /// The trace, with a span of this request's own.
    pub trace: Trace,
    /// One id a request, for people to quote.
    pub request_id: String,
    /// The languages that the reader wants.
    pub locale: Locale,
    /// The cookies that the manifest lets this app see.
    pub cookies: Cookies,
    /// True when the browser came by HTTPS.
    pub secure: bool,
    /// True when a script called and wants JSON, false when a browser navigates or posts a form.
    pub wants_json: bool,
}

impl RequestContext {
    /// The address of `path` at this version's BFF, for the browser.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// Put into each request by the router and by the middleware, for the extractor to find.
#[derive(Debug, Clone)]
pub(crate) struct FragmentOfRoute(pub(crate) FragmentId);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(pub(crate) Instant);

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let trace = parts.extensions.get().copied().unwrap_or_else(|| Trace::of(headers));
        Ok(Self {
            base: base(headers),
            fragment: parts.extensions.get::<FragmentOfRoute>().map(|route| route.0.clone()),
            deadline: parts.extensions.get::<Deadline>().map(|deadline| deadline.0),
            trace,
            request_id: request_id(headers, trace),
            locale: Locale::of(headers),
            cookies: Cookies::of(headers),
            secure: text(headers, "x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            wants_json: wants_json(headers),
        })
    }
}

/// True when the caller asks for JSON and not for a page: a script, not a navigation.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accept = text(headers, header::ACCEPT.as_str()).unwrap_or_default();
    let has = |wanted: &str| {
        let mut types = accept.split(',').filter_map(|part| part.split(';').next());
        types.any(|kind| kind.trim().eq_ignore_ascii_case(wanted))
    };
    (has("application/json") || has("application/problem+json")) && !has("text/html")
}

/// The base, when it is a plain path: it goes into links, so what else a caller sends is left out.
fn base(headers: &HeaderMap) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/@.-_~".contains(&b);
    text(headers, BASE)
        .filter(|base| base.starts_with('/') && !base.starts_with("//") && base.len() <= 256)
        .filter(|base| base.bytes().all(plain))
        .unwrap_or_default()
        .trim_end_matches('/')
        .to_owned()
}

pub(crate) fn request_id(headers: &HeaderMap, trace: Trace) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text(headers, REQUEST_ID)
        .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(plain))
        .map_or_else(|| trace.trace_id(), str::to_owned)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
    }

    #[test]
    fn scripts_want_json_and_navigations_do_not() {
        assert!(wants_json(&headers("accept", "application/json")));
        assert!(wants_json(&headers(
            "accept",
            "application/problem+json;q=0.9, Application/JSON"
        )));
        assert!(!wants_json(&headers(
            "accept",
            "text/html,application/xhtml+xml,*/*;q=0.8"
        )));
        assert!(!wants_json(&headers("accept", "text/html, application/json")));
        assert!(!wants_json(&HeaderMap::new()));
    }

    #[test]
    fn only_a_plain_path_is_a_base() {
        let check = |value: &'static str, want: &str| assert_eq!(base(&headers(BASE, value)), want);
        check("/_m/app/checkout@1.0.0", "/_m/app/checkout@1.0.0");
        check("/_m/app/checkout@1.0.0/", "/_m/app/checkout@1.0.0");
        check("//evil.example", "");
        check("https://evil.example", "");
        check("/\"><script>", "");
    }
}
