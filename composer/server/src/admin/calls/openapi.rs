//! `GET /v1/openapi.json`: all of this for programs.

use axum::response::{IntoResponse, Response};
use http::header;

/// The text, which `docs/openapi.json` holds.
pub(crate) const TEXT: &str = include_str!("../../../../../docs/openapi.json");

/// Gives the text.
pub(crate) async fn get_openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT).into_response()
}
