//! Notes when a request's body last moved, so that a slow upload is not taken for a slow answer.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

/// When the BFF last took a part of the request.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    /// Begins now, and moves on with `body`.
    pub(super) fn of(body: Body) -> (Self, Body) {
        let progress = Self(Arc::new(Mutex::new(Instant::now())));
        if body.is_end_stream() {
            return (progress, body);
        }
        let noted = Noted {
            body,
            progress: progress.clone(),
        };
        (progress, Body::new(noted))
    }

    /// The last time at which anything moved.
    pub(super) fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

struct Noted {
    body: Body,
    progress: Progress,
}

impl HttpBody for Noted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() {
            self.progress.note();
        }
        frame
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
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_part_of_an_upload_counts_as_progress() {
        let (progress, body) = Progress::of(Body::from("a form"));
        let begun = progress.last();
        tokio::time::advance(std::time::Duration::from_secs(40)).await;
        assert_eq!(body.collect().await.unwrap().to_bytes(), "a form");
        assert!(progress.last() > begun);
    }
}
