//! Turns a panic, which is a bug of ours, into an error page.

use std::panic::AssertUnwindSafe;

use axum::{extract::Request, response::Response};
use futures_util::FutureExt;
use http::StatusCode;

use crate::{request::RequestId, respond};

/// Answers 500 where a handler panics; other requests never notice.
pub(crate) async fn catch_panic<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    match AssertUnwindSafe(next(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request.id = id.as_ref().map(RequestId::as_str), "a handler panicked");
            respond::error_page(StatusCode::INTERNAL_SERVER_ERROR, id.as_ref())
        }
    }
}
