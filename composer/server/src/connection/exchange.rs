//! One request of an HTTP/2 connection and its response, bodies both ways as fast as the slower side takes them.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use tokio::time::timeout;
use tower::Service;
use tracing::debug;

use super::{
    fields::{date, strip},
    received::received,
};
use crate::{config::Limits, drain::Drain, handler::Handler, hints::Hints, request::Peer};

/// What a stream holds of a response that its client has not taken yet.
pub(super) const SEND_BYTES: usize = 64 << 10;

/// What all exchanges of a connection share.
pub(super) struct Terms {
    pub(super) router: Handler,
    pub(super) peer: Peer,
    pub(super) limits: Limits,
    pub(super) drain: Drain,
}

/// A stream from its request on.
pub(super) struct Exchange {
    terms: Arc<Terms>,
    reply: SendResponse<Bytes>,
}

/// Why a stream ended before its response did.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error(transparent)]
    Protocol(#[from] h2::Error),
    #[error("the client gave the stream up: {0}")]
    Reset(Reason),
    #[error("the client takes nothing")]
    Stalled,
    #[error("the response broke off")]
    Body(#[source] axum::Error),
    #[error("the response is of a kind that HTTP/2 does not have")]
    Informational,
}

impl Exchange {
    pub(super) fn new(terms: Arc<Terms>, reply: SendResponse<Bytes>) -> Self {
        Self { terms, reply }
    }

    /// Answers `request`; whatever goes wrong ends the stream and nothing else.
    pub(super) async fn serve(mut self, request: Request<RecvStream>) {
        let has_body = *request.method() != Method::HEAD;
        let ended = match self.answer(request).await {
            Ok(response) => self.send(response, has_body).await,
            Err(cut) => Err(cut),
        };
        if let Err(cut) = ended {
            debug!(error = &cut as &dyn std::error::Error, "stream cut");
        }
    }

    /// Waits for the router's answer, for as long as the client does.
    async fn answer(&mut self, request: Request<RecvStream>) -> Result<Response, Cut> {
        if request.headers().len() > self.terms.limits.head_fields {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Ok(response);
        }
        let hints = self.terms.router.hints(&request);
        let mut request = received(request);
        request.extensions_mut().insert(self.terms.peer);
        if let Some(hints) = &hints {
            request.extensions_mut().insert(hints.clone());
        }
        let mut router = self.terms.router.clone();
        let mut answer = pin!(router.call(request));
        poll_fn(|cx| {
            if let Poll::Ready(Ok(response)) = answer.as_mut().poll(cx) {
                return Poll::Ready(Ok(response));
            }
            if let Poll::Ready(reason) = self.reply.poll_reset(cx)? {
                return Poll::Ready(Err(Cut::Reset(reason)));
            }
            if let Some(links) = hints.as_ref().and_then(Hints::take) {
                self.hint(links)?;
            }
            Poll::Pending
        })
        .await
    }

    fn hint(&mut self, links: HeaderMap) -> Result<(), Cut> {
        let mut early = http::Response::new(());
        *early.status_mut() = StatusCode::EARLY_HINTS;
        *early.headers_mut() = links;
        Ok(self.reply.send_informational(early)?)
    }

    async fn send(mut self, response: Response, has_body: bool) -> Result<(), Cut> {
        let (mut parts, body) = response.into_parts();
        parts.extensions.clear();
        if parts.status.is_informational() {
            self.reply.send_reset(Reason::INTERNAL_ERROR);
            return Err(Cut::Informational);
        }
        strip(&mut parts.headers);
        parts.headers.entry(header::DATE).or_insert_with(date);
        let is_bodiless = matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if parts.status == StatusCode::NO_CONTENT {
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        let ends = !has_body || is_bodiless || body.is_end_stream();
        if let Some(length) = body.size_hint().exact().filter(|_| !ends) {
            let length = || HeaderValue::from(length);
            parts.headers.entry(header::CONTENT_LENGTH).or_insert_with(length);
        }
        let mut stream = self.reply.send_response(Response::from_parts(parts, ()), ends)?;
        if ends {
            return Ok(());
        }
        let sent = send_body(&mut stream, body, self.terms.limits.write_stall).await;
        match &sent {
            Err(Cut::Stalled) => stream.send_reset(Reason::CANCEL),
            Err(Cut::Body(_)) => stream.send_reset(Reason::INTERNAL_ERROR),
            _ => {}
        }
        sent
    }
}

async fn send_body(stream: &mut SendStream<Bytes>, mut body: Body, write_stall: Duration) -> Result<(), Cut> {
    loop {
        let frame = poll_fn(|cx| {
            if let Poll::Ready(reason) = stream.poll_reset(cx)? {
                return Poll::Ready(Err(Cut::Reset(reason)));
            }
            Poll::Ready(
                ready!(Pin::new(&mut body).poll_frame(cx))
                    .transpose()
                    .map_err(Cut::Body),
            )
        });
        let Some(frame) = frame.await? else {
            return Ok(stream.send_data(Bytes::new(), true)?);
        };
        match frame.into_data() {
            Ok(data) => {
                let is_last = body.is_end_stream();
                send_data(stream, data, is_last, write_stall).await?;
                if is_last {
                    return Ok(());
                }
            }
            Err(frame) => {
                if let Ok(mut trailers) = frame.into_trailers() {
                    strip(&mut trailers);
                    return Ok(stream.send_trailers(trailers)?);
                }
            }
        }
    }
}

/// Sends `data` as the client makes room for it; nothing is reserved before it is there to be sent.
async fn send_data(
    stream: &mut SendStream<Bytes>,
    mut data: Bytes,
    is_last: bool,
    write_stall: Duration,
) -> Result<(), Cut> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len().min(SEND_BYTES));
        let room = match stream.capacity() {
            0 => timeout(write_stall, room(stream)).await.map_err(|_| Cut::Stalled)??,
            room => room,
        };
        let part = data.split_to(room.min(data.len()));
        stream.send_data(part, is_last && data.is_empty())?;
        if data.is_empty() {
            return Ok(());
        }
    }
    Ok(stream.send_data(data, is_last)?)
}

async fn room(stream: &mut SendStream<Bytes>) -> Result<usize, Cut> {
    poll_fn(|cx| {
        loop {
            match ready!(stream.poll_capacity(cx)) {
                Some(Ok(0)) => {}
                Some(Ok(room)) => return Poll::Ready(Ok(room)),
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                None => return Poll::Ready(Err(Cut::Reset(Reason::CANCEL))),
            }
        }
    })
    .await
}
