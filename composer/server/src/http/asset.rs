//! Immutable files of apps and shell, under the digest of their content.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{app::App, request::RequestId, respond};

/// Serves one published file, compressed as the client likes it.
pub(super) async fn get_asset(State(_app): State<App>, request: Request) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>())
}
