//! One line and one count a request, when the last byte of its reply is gone.

use std::{
    cell::RefCell,
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
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
use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug, info, info_span};

use crate::{
    request::{Call, RequestId, RouteLabel, Tally},
    trace,
};

/// Logs and counts the request when its reply ends, is cut, or is left by the client.
pub(crate) async fn access_log<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().map(RequestId::as_str);
    let span = info_span!("request", request.id = id, trace.id = trace::id(request.headers()));
    let response = next(request).instrument(span.clone()).await;
    let line = Line {
        span,
        started,
        method,
        status: response.status(),
        route: response.extensions().get::<RouteLabel>().cloned(),
        tally: response.extensions().get::<Tally>().cloned(),
        call: response.extensions().get::<Call>().cloned(),
        bytes: 0,
        expected_bytes: response.body().size_hint().exact(),
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

/// Every instance does this every three seconds; that one is new is a line of its own.
const RENEWAL: &str = "post-instance";

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
    call: Option<Call>,
    bytes: u64,
    expected_bytes: Option<u64>,
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
        // hyper asks no further once the bytes that the length promises are there.
        let line = &mut self.line;
        line.complete |= self.body.is_end_stream() || line.expected_bytes == Some(line.bytes);
        line.span.in_scope(|| line.write());
    }
}

impl Line {
    fn write(&self) {
        let route = self.route.as_ref().map_or("unmatched", |label| &label.0);
        let taken = self.started.elapsed();
        let (fresh, fallback) = self.tally.as_ref().map(Tally::counts).unwrap_or_default();
        count(route, self.status, taken);
        let act = self.call.as_ref().map(|call| call.act);
        let token = self.call.as_ref().and_then(|call| call.token.as_deref());
        if act == Some(RENEWAL) && self.status.is_success() {
            debug!(token.id = token, "lease renewed");
            return;
        }
        info!(
            http.method = self.method.as_str(),
            http.route = route,
            http.status = self.status.as_u16(),
            bytes = self.bytes,
            complete = self.complete,
            duration_ms = taken.as_secs_f64() * 1e3,
            slots.fresh = fresh,
            slots.fallback = fallback,
            act,
            token.id = token,
            "request served"
        );
    }
}

/// The metrics of one route.
struct RouteMetrics {
    duration: Histogram,
    served: Vec<(StatusCode, Counter)>,
}

thread_local! {
    /// Looking a metric up by its labels takes many times what counting does: each thread keeps those it has met.
    static KNOWN: RefCell<HashMap<String, RouteMetrics>> = RefCell::default();
}

/// Counts one request. Routes and statuses are closed sets, so the memory for them is bounded.
fn count(route: &str, status: StatusCode, taken: Duration) {
    KNOWN.with_borrow_mut(|known| match known.get_mut(route) {
        Some(metrics) => metrics.count(route, status, taken),
        None => known
            .entry(route.to_owned())
            .or_insert_with(|| RouteMetrics::new(route))
            .count(route, status, taken),
    });
}

impl RouteMetrics {
    fn new(route: &str) -> Self {
        Self {
            duration: histogram!("composer_request_duration_seconds", "route" => route.to_owned()),
            served: vec![],
        }
    }

    fn count(&mut self, route: &str, status: StatusCode, taken: Duration) {
        self.duration.record(taken.as_secs_f64());
        let known = self.served.iter().position(|(each, _)| *each == status);
        let at = known.unwrap_or_else(|| {
            let labels = [("route", route.to_owned()), ("status", status.as_str().to_owned())];
            self.served.push((status, counter!("composer_requests_total", &labels)));
            self.served.len() - 1
        });
        self.served[at].1.increment(1);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use axum::{Router, middleware::from_fn, routing::get};
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    use tracing::subscriber::set_default;

    use super::*;
    use crate::middleware::{catch_panic::catch_panic, request_id::request_id};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn line_of(target: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _kept = set_default(subscriber);
        let panicking = get(async || -> &'static str { panic!("on purpose") });
        let routes = Router::new()
            .route("/item/{id}", get(async || "hello"))
            .route("/panic", panicking)
            .route_layer(from_fn(route_label))
            .layer(from_fn(|request, next: Next| {
                catch_panic(request, |request| next.run(request))
            }));
        let app = Router::new()
            .fallback_service(routes)
            .layer(from_fn(|request, next: Next| {
                request_id(request, |request| access_log(request, |request| next.run(request)))
            }));
        let request = Request::builder().uri(target).body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        let before = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!before.contains("request served"), "too early: {before}");
        response.into_body().collect().await.unwrap();
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[tokio::test]
    async fn one_line_tells_what_was_served_and_never_the_query() {
        let line = line_of("/item/7?token=secret").await;
        for part in [
            "request served",
            "http.method=\"GET\"",
            "http.route=\"/item/{id}\"",
            "http.status=200",
            "bytes=5",
            "complete=true",
            "request.id=",
            "trace.id=",
        ] {
            assert!(line.contains(part), "`{part}` is missing: {line}");
        }
        assert!(!line.contains("secret") && !line.contains("/item/7"), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }

    #[tokio::test]
    async fn a_panic_is_an_error_page_and_a_line() {
        let line = line_of("/panic").await;
        assert!(
            line.contains("a handler panicked") && line.contains("http.status=500"),
            "{line}"
        );
    }
}
