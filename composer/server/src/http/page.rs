//! Serves one page: route → layout → slots → fragments → stitch → stream.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{app::App, request::RequestId, respond};

/// Serves one page.
pub(crate) async fn serve_page(State(_app): State<App>, request: Request) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>())
}
