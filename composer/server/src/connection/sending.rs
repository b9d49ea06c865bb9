//! Sends the body of a response on an HTTP/2 stream as its client makes room for it.
//!
//! Of a client that makes none a little is read ahead: what makes the body is done with sooner, and a visitor who takes a
//! page in drops doesn't keep its fetches from giving back the places that all visitors share.

use std::{
    collections::VecDeque,
    future::poll_fn,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use h2::{Reason, SendStream};
use http::HeaderMap;

use super::{cut::Cut, fields::strip};
use crate::patience::Patience;

/// What a stream holds of a response that its client has not taken yet, and what is read ahead beside it.
pub(super) const SEND_BYTES: usize = 64 << 10;

/// A body on its way.
pub(super) struct Sending<'s> {
    stream: &'s mut SendStream<Bytes>,
    body: Body,
    ahead: VecDeque<Bytes>,
    ahead_bytes: usize,
    sent: u64,
    patience: Patience,
    end: End,
}

/// What comes after that which is read ahead.
enum End {
    Unknown,
    Nothing,
    Trailers(HeaderMap),
    Failed(axum::Error),
    /// It has been sent.
    Sent,
}

impl<'s> Sending<'s> {
    /// Sends `body`; a client that takes nothing for `write_stall` gets no more of it.
    pub(super) fn new(stream: &'s mut SendStream<Bytes>, body: Body, write_stall: Duration) -> Self {
        Self {
            stream,
            body,
            ahead: VecDeque::new(),
            ahead_bytes: 0,
            sent: 0,
            patience: Patience::new(write_stall),
            end: End::Unknown,
        }
    }

    /// Sends it to its end.
    ///
    /// # Errors
    /// Why that can't be done.
    pub(super) async fn run(&mut self) -> Result<(), Cut> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        if let Poll::Ready(reason) = self.stream.poll_reset(cx)? {
            return Poll::Ready(Err(Cut::Reset(reason)));
        }
        loop {
            if !self.ahead.is_empty() {
                if self.poll_send(cx)?.is_ready() {
                    continue;
                }
            } else if !matches!(self.end, End::Unknown) {
                return Poll::Ready(self.finish());
            }
            ready!(self.poll_read(cx));
        }
    }

    /// Hands over as much as the client has room for; pending when that is nothing.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        self.stream.reserve_capacity(self.ahead_bytes.min(SEND_BYTES));
        while self.stream.capacity() == 0 {
            match self.stream.poll_capacity(cx) {
                Poll::Ready(Some(room)) => _ = room?,
                Poll::Ready(None) => return Poll::Ready(Err(Cut::Reset(Reason::CANCEL))),
                Poll::Pending => {
                    ready!(self.patience.poll(cx, self.sent));
                    return Poll::Ready(Err(Cut::Stalled));
                }
            }
        }
        self.patience.rest();
        let Some(front) = self.ahead.front_mut() else {
            return Poll::Ready(Ok(()));
        };
        let part = front.split_to(self.stream.capacity().min(front.len()));
        if front.is_empty() {
            self.ahead.pop_front();
        }
        self.ahead_bytes -= part.len();
        self.sent += part.len() as u64;
        let is_last = self.ahead.is_empty() && matches!(self.end, End::Nothing);
        if is_last {
            self.end = End::Sent;
        }
        Poll::Ready(Ok(self.stream.send_data(part, is_last)?))
    }

    /// Reads a frame of the body, unless enough waits to be sent.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !matches!(self.end, End::Unknown) || self.ahead_bytes >= SEND_BYTES {
            return Poll::Pending;
        }
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            None => self.end = End::Nothing,
            Some(Err(error)) => self.end = End::Failed(error),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    self.ahead_bytes += data.len();
                    if !data.is_empty() {
                        self.ahead.push_back(data);
                    }
                    if self.body.is_end_stream() {
                        self.end = End::Nothing;
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.end = End::Trailers(trailers);
                    }
                }
            },
        }
        Poll::Ready(())
    }

    /// All that was read has been handed over.
    fn finish(&mut self) -> Result<(), Cut> {
        match mem::replace(&mut self.end, End::Sent) {
            End::Unknown | End::Sent => {}
            End::Nothing => self.stream.send_data(Bytes::new(), true)?,
            End::Trailers(mut trailers) => {
                strip(&mut trailers);
                self.stream.send_trailers(trailers)?;
            }
            End::Failed(error) => return Err(Cut::Body(error)),
        }
        Ok(())
    }
}
