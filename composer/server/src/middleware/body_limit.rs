//! Limits how much a client may send, and how long it may stand still over it.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};
use http_body::{Frame, SizeHint};

use crate::{config::Limits, patience::Patience, request::RequestId, respond};

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
pub(crate) async fn body_limit<F: Future<Output = Response>>(
    limits: &Limits,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    body_limit_told_by(respond::error_page, limits, request, next).await
}

/// The same, with `tell` to make the reply of a refusal.
pub(crate) async fn body_limit_told_by<F: Future<Output = Response>>(
    tell: fn(StatusCode, Option<&RequestId>) -> Response,
    limits: &Limits,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if request.body().is_end_stream() {
        return next(request).await;
    }
    let id = request.extensions().get::<RequestId>().cloned();
    let version = request.version();
    if request.body().size_hint().lower() > limits.body_bytes {
        return refuse(tell, BodyError::TooLarge, version, id.as_ref());
    }
    let verdict = Arc::new(OnceLock::new());
    let limited = |body| {
        Body::new(Limited {
            body,
            received: 0,
            limit: limits.body_bytes,
            patience: Patience::new(limits.body_stall),
            verdict: verdict.clone(),
        })
    };
    let response = next(request.map(limited)).await;
    match verdict.get() {
        Some(BodyError::Broken) | None => response,
        Some(error) => refuse(tell, *error, version, id.as_ref()),
    }
}

fn refuse(
    tell: fn(StatusCode, Option<&RequestId>) -> Response,
    error: BodyError,
    version: Version,
    id: Option<&RequestId>,
) -> Response {
    let status = match error {
        BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::Stalled => StatusCode::REQUEST_TIMEOUT,
        BodyError::Broken => StatusCode::BAD_REQUEST,
    };
    let mut response = tell(status, id);
    if version <= Version::HTTP_11 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

struct Limited {
    body: Body,
    received: u64,
    limit: u64,
    patience: Patience,
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
            let received = self.received;
            ready!(self.patience.poll(cx, received));
            return self.fail(BodyError::Stalled);
        };
        self.patience.rest();
        match frame {
            None => Poll::Ready(None),
            Some(Err(_)) => self.fail(BodyError::Broken),
            Some(Ok(frame)) => {
                self.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                if self.received > self.limit {
                    return self.fail(BodyError::TooLarge);
                }
                Poll::Ready(Some(Ok(frame)))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::{BodyExt, StreamBody};
    use tokio_stream::{StreamExt, wrappers::IntervalStream};

    use super::*;

    async fn read(period_ms: u64, chunk: &'static [u8]) -> (usize, Option<BodyError>) {
        let ticks = IntervalStream::new(tokio::time::interval(Duration::from_millis(period_ms)));
        let chunks = ticks.map(|_| Ok::<_, BodyError>(Frame::data(Bytes::from_static(chunk))));
        let mut limited = Limited {
            body: Body::new(StreamBody::new(chunks)),
            received: 0,
            limit: 100_000,
            patience: Patience::new(Duration::from_secs(10)),
            verdict: Arc::default(),
        };
        let mut bytes = 0;
        loop {
            match limited.frame().await {
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(error)) => return (bytes, Some(error)),
                None => return (bytes, None),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up() {
        assert_eq!(read(11_000, b"x").await, (1, Some(BodyError::Stalled)));
        assert_eq!(read(3_000, b"x").await, (4, Some(BodyError::Stalled)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_may_take_its_time() {
        let (bytes, error) = read(900, &[b'x'; 1_024]).await;
        assert_eq!((bytes, error), (97 * 1_024, Some(BodyError::TooLarge)));
    }
}
