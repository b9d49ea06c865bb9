//! One log line and one measurement a request.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use contract::header::REQUEST_ID;
use http::HeaderValue;
use tracing::{Instrument, info, info_span};

use crate::{Trace, context::request_id};

pub(crate) async fn access_log(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let trace = Trace::of(request.headers());
    let request_id = request_id(request.headers(), trace);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str)
        .to_owned();
    request.extensions_mut().insert(trace);
    let span = info_span!(
        "request",
        request_id,
        trace_id = trace.trace_id(),
        span_id = trace.span_id()
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let took = started.elapsed();
    metrics::counter!("bff_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("bff_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    let _entered = span.enter();
    if route == "/healthz" {
        // The composer asks every two seconds.
        return response;
    }
    info!(
        http.method = %method,
        http.route = route,
        http.status = status,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "request served"
    );
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
