//! Serves one fragment, composed, for a slot that changes in the browser.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{app::App, request::RequestId, respond};

/// Serves one fragment with its slot element.
pub(crate) async fn serve_fragment(State(_app): State<App>, request: Request) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>())
}
