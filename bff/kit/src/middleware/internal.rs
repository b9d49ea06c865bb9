//! Keeps health and metrics from browsers.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::header::BASE;

use crate::Problem;

/// Answers 404 to what came through the composer, which sets the base on all that it hands on.
pub(crate) async fn internal(request: Request, next: Next) -> Response {
    if request.headers().contains_key(BASE) {
        return Problem::not_found("There is nothing here").into_response();
    }
    next.run(request).await
}
