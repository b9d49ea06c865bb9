//! Cancels a request whose caller has given up.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::header::DEADLINE_MS;
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

use crate::{Problem, context::Deadline};

const MAX_MS: u64 = 60_000;

/// Runs the handler until the caller's deadline, else until the route's own, if it has one.
pub(crate) async fn deadline(State(own): State<Option<Duration>>, mut request: Request, next: Next) -> Response {
    let Some(left) = of_caller(request.headers()).or(own) else {
        return next.run(request).await;
    };
    let deadline = Instant::now() + left;
    request.extensions_mut().insert(Deadline(deadline));
    match timeout_at(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::deadline().into_response(),
    }
}

fn of_caller(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(DEADLINE_MS)?.to_str().ok()?;
    let ms: u64 = text.parse().ok()?;
    Some(Duration::from_millis(ms.min(MAX_MS)))
}
