//! The way out of pages that a browser can't put in order: cookie and back.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use contract::Params;
use http::{HeaderValue, StatusCode, header};

use super::visit::Visitor;
use crate::{
    compose::same_site,
    order::{DOCUMENT, ORDER},
    security,
    visitor::lasting,
};

/// Who runs no scripts today may do so tomorrow.
const DAY_S: u64 = 24 * 3_600;

/// `GET /_m/order?to=…`: pages are in the document's order from now on, that of `to` first.
pub(super) async fn keep_order(request: Request) -> Response {
    let visitor = Visitor::of(request);
    let query = Params::parse(visitor.query());
    let to = query.get("to").and_then(|to| HeaderValue::from_str(to).ok());
    let to = to.and_then(|to| same_site(&to, visitor.host()));
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, to.unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    if let Some(cookie) = lasting(ORDER, DOCUMENT, DAY_S, visitor.is_secure()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
