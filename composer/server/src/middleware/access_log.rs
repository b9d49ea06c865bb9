//! One line and one count a request, when the last byte of its reply is gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::{Frame, SizeHint};
use metrics::{counter, histogram};
use tokio::time::Instant;
use tracing::{Instrument, Span, info, info_span};

use crate::request::{RequestId, RouteLabel, Tally, TraceId};

/// Logs and counts the request when its reply ends, is cut, or is left by the client.
pub(crate) async fn access_log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().map(RequestId::as_str);
    let trace = request.extensions().get::<TraceId>().map(TraceId::as_str);
    let span = info_span!("request", request.id = id, trace.id = trace);
    let response = next.run(request).instrument(span.clone()).await;
    let line = Line {
        span,
        started,
        method,
        status: response.status(),
        route: response.extensions().get::<RouteLabel>().cloned(),
        tally: response.extensions().get::<Tally>().cloned(),
        bytes: 0,
        complete: false,
    };
    response.map(|body| Body::new(Logged { body, line }))
}

/// Tells the log which of the fixed routes matched; a page tells its own pattern.
pub(crate) async fn route_label(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(matched) = matched {
        let label = RouteLabel(matched.as_str().into());
        response.extensions_mut().insert(label);
    }
    response
}

struct Logged {
    body: Body,
    line: Line,
}

struct Line {
    span: Span,
    started: Instant,
    method: Method,
    status: StatusCode,
    route: Option<RouteLabel>,
    tally: Option<Tally>,
    bytes: u64,
    complete: bool,
}

impl HttpBody for Logged {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let polled = this.line.span.in_scope(|| Pin::new(&mut this.body).poll_frame(cx));
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            Poll::Ready(None) => this.line.complete = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        self.line.complete |= self.body.is_end_stream();
        let line = &self.line;
        line.span.in_scope(|| line.write());
    }
}

impl Line {
    fn write(&self) {
        let route = self.route.as_ref().map_or("unmatched", |label| &label.0);
        let taken = self.started.elapsed();
        let (fresh, fallback) = self.tally.as_ref().map(Tally::counts).unwrap_or_default();
        let labels = [("route", route.to_owned()), ("status", self.status.as_str().to_owned())];
        counter!("composer_requests_total", &labels).increment(1);
        histogram!("composer_request_duration_seconds", "route" => route.to_owned()).record(taken.as_secs_f64());
        info!(
            http.method = self.method.as_str(),
            http.route = route,
            http.status = self.status.as_u16(),
            bytes = self.bytes,
            complete = self.complete,
            duration_ms = taken.as_secs_f64() * 1e3,
            slots.fresh = fresh,
            slots.fallback = fallback,
            "request served"
        );
    }
}
