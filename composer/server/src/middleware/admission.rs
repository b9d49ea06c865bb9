//! Limits how many requests run at once: one more is told so at once, and the others stay quick.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use metrics::counter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{request::RequestId, respond};

/// Answers 503 when all places are taken; a place is given back when the reply has ended.
pub(crate) async fn admission<F: Future<Output = Response>>(
    places: Arc<Semaphore>,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    match places.try_acquire_owned() {
        Ok(place) => {
            let response = next(request).await;
            response.map(|body| Body::new(Placed { body, _place: place }))
        }
        Err(_) => {
            counter!("composer_requests_refused_total").increment(1);
            respond::error_page(StatusCode::SERVICE_UNAVAILABLE, request.extensions().get::<RequestId>())
        }
    }
}

struct Placed {
    body: Body,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Placed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
