//! Cookies, those that came and those to set.

use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header};

/// The cookies of a request.
#[derive(Debug, Clone, Default)]
pub struct Cookies(Vec<Cookie<'static>>);

const MAX_COOKIES: usize = 64;

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let pairs = values.flat_map(|value| Cookie::split_parse(value.to_owned()));
        Self(pairs.filter_map(Result::ok).take(MAX_COOKIES).collect())
    }

    /// The value of the cookie `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|cookie| cookie.name() == name).map(Cookie::value)
    }
}

/// A cookie to set: part of a reply, `(cookie, Json(cart))`.
///
/// The composer lets through only cookies that the manifest lists under `[app] cookies`.
#[derive(Debug, Clone)]
pub struct SetCookie(HeaderValue);

impl SetCookie {
    /// A cookie as the `cookie` crate builds it; none when it cannot stand in a header.
    pub fn new(cookie: &Cookie<'_>) -> Option<Self> {
        HeaderValue::from_str(&cookie.to_string()).ok().map(Self)
    }

    pub(crate) fn value(self) -> HeaderValue {
        self.0
    }
}

impl IntoResponseParts for SetCookie {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().append(header::SET_COOKIE, self.0);
        Ok(parts)
    }
}

impl IntoResponse for SetCookie {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}
