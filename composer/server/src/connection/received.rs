//! The body of a request that came by HTTP/2.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::Bytes;
use h2::RecvStream;
use http::header;
use http_body::{Frame, SizeHint};

/// Makes the body what the router takes.
pub(super) fn received(request: http::Request<RecvStream>) -> Request {
    // h2 has checked it, and counts the data against it.
    let length = request.headers().get(header::CONTENT_LENGTH);
    let left = length.and_then(|length| length.to_str().ok()?.parse().ok());
    request.map(|stream| match stream.is_end_stream() {
        true => Body::empty(),
        false => Body::new(Received {
            stream,
            left,
            is_read: false,
        }),
    })
}

struct Received {
    stream: RecvStream,
    left: Option<u64>,
    /// True when only trailers may follow.
    is_read: bool,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let this = &mut *self;
        if !this.is_read {
            match ready!(this.stream.poll_data(cx)) {
                Some(Ok(data)) => {
                    // Whoever asks for a frame has done with the one before it; more may come meanwhile.
                    this.stream.flow_control().release_capacity(data.len())?;
                    this.left = this.left.map(|left| left.saturating_sub(data.len() as u64));
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                // Whatever its reason, a reset is no end: what came until then is not the whole body.
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.is_read = true,
            }
        }
        let trailers = ready!(this.stream.poll_trailers(cx));
        Poll::Ready(trailers.map(|trailers| trailers.map(Frame::trailers)).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
