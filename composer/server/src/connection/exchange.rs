//! One request of an HTTP/2 connection and its response, bodies both ways as fast as the slower side takes them.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use tower::Service;
use tracing::debug;

use super::{
    cut::Cut,
    fields::{date, strip},
    received::received,
    sending::Sending,
};
use crate::{config::Limits, drain::Drain, handler::Handler, hints::Hints, request::Peer};

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
        if fields(request.headers()) > self.terms.limits.head_fields {
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
        let sent = Sending::new(&mut stream, body, self.terms.limits.write_stall)
            .run()
            .await;
        match &sent {
            Err(Cut::Stalled) => stream.send_reset(Reason::CANCEL),
            Err(Cut::Body(_)) => stream.send_reset(Reason::INTERNAL_ERROR),
            _ => {}
        }
        sent
    }
}

/// The fields of a head, all cookies as the one field that they are by HTTP/1: browsers send each by itself (RFC 9113 §8.2.3).
fn fields(headers: &HeaderMap) -> usize {
    let crumbs = headers.get_all(header::COOKIE).iter().count();
    headers.len() - crumbs.saturating_sub(1)
}
