//! A panic in a handler is a problem of that request alone.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use crate::Problem;

pub(crate) async fn catch_panic(request: Request, next: Next) -> Response {
    // The request and all it owned are gone after a panic; what handlers share has to bear one anyway.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            Problem::internal(format!("a handler panicked: {}", text.unwrap_or("no text"))).into_response()
        }
    }
}
