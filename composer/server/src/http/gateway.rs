//! Hands requests of the browser to the BFF of exactly the version in the address.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{app::App, request::RequestId, respond};

/// Forwards a request to its BFF, streamed both ways.
pub(crate) async fn forward(State(_app): State<App>, request: Request) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>())
}
