//! Error to reply: the one place that knows both.

use axum::{body::Body, response::Response};
use http::StatusCode;

use crate::request::RequestId;

/// A page for people that tells the status and the request's id, and no internals.
pub(crate) fn error_page(status: StatusCode, id: Option<&RequestId>) -> Response {
    let id = id.map(RequestId::as_str).unwrap_or_default();
    let mut response = Response::new(Body::from(format!("{status}\nrequest {id}\n")));
    *response.status_mut() = status;
    response
}
