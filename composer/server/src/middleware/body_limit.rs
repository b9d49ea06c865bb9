//! Limits how much a client may send, and how long it may stand still over it.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::{app::App, request::RequestId, respond};

/// Why a request's body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is longer than it may be.
    #[error("the request's body is longer than it may be")]
    TooLarge,
    /// The client stopped sending.
    #[error("the request's body stood still for too long")]
    Stalled,
    /// The connection broke.
    #[error("the request's body broke off")]
    Broken,
}

/// Answers 413 and 408 where a body breaks the limits, whatever the handler made of it.
pub(crate) async fn body_limit(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let limits = &app.config.limits;
    let id = request.extensions().get::<RequestId>().cloned();
    if request.body().size_hint().lower() > limits.body_bytes {
        return refuse(BodyError::TooLarge, id.as_ref());
    }
    let verdict = Arc::new(OnceLock::new());
    let limited = |body| {
        Body::new(Limited {
            body,
            left: limits.body_bytes,
            stall: limits.body_stall,
            waiting: None,
            verdict: verdict.clone(),
        })
    };
    let response = next.run(request.map(limited)).await;
    match verdict.get() {
        Some(BodyError::Broken) | None => response,
        Some(error) => refuse(*error, id.as_ref()),
    }
}

fn refuse(error: BodyError, id: Option<&RequestId>) -> Response {
    let status = match error {
        BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::Stalled => StatusCode::REQUEST_TIMEOUT,
        BodyError::Broken => StatusCode::BAD_REQUEST,
    };
    let mut response = respond::error_page(status, id);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

struct Limited {
    body: Body,
    left: u64,
    stall: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    verdict: Arc<OnceLock<BodyError>>,
}

impl Limited {
    fn fail(&mut self, error: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let first = *self.verdict.get_or_init(|| error);
        Poll::Ready(Some(Err(first)))
    }
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(error) = self.verdict.get() {
            return Poll::Ready(Some(Err(*error)));
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            let stall = self.stall;
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(stall)));
            ready!(waiting.as_mut().poll(cx));
            return self.fail(BodyError::Stalled);
        };
        let stall = self.stall;
        if let Some(waiting) = &mut self.waiting {
            waiting.as_mut().reset(Instant::now() + stall);
        }
        match frame {
            None => Poll::Ready(None),
            Some(Err(_)) => self.fail(BodyError::Broken),
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                match self.left.checked_sub(bytes) {
                    None => self.fail(BodyError::TooLarge),
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
