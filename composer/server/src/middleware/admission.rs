//! Lets requests in while there are places and the processor keeps up; the others are told so at once.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use crate::overload::{Admission, Kind, Refused, refusal};

/// Answers 503 to what isn't let in; a place is given back when the reply has ended.
pub(crate) async fn admission<F: Future<Output = Response>>(
    admission: &Admission,
    kind: Kind,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    match admission.admit(kind).await {
        Ok(place) => {
            let response = next(request).await;
            if kind == Kind::Stream {
                // It goes on for as long as its tab: the composer has other places for those.
                return response;
            }
            response.map(|body| Body::new(Placed { body, _place: place }))
        }
        Err(Refused) => refusal(),
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
