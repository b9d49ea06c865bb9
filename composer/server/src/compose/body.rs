//! The body of a page: bytes as soon as there are any, small ones joined.

use std::{
    convert::Infallible,
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use tokio::task::yield_now;

use super::page::{Next, Page, TURNS};
use crate::request::Tally;

/// A frame that is this long goes out, whatever else there is.
const FULL_BYTES: usize = 32 << 10;
/// Pieces longer than this go out as they are, shorter ones are copied into a frame.
const COPIED_BYTES: usize = 8 << 10;

/// Streams a page whose head is out.
pub(crate) struct PageBody {
    page: Page,
    tally: Tally,
    joined: BytesMut,
    /// A long piece behind what is joined.
    long: Option<Bytes>,
    /// How often all else that is ready goes first before the next frame.
    turns: u8,
    done: bool,
}

impl PageBody {
    /// The rest of `page`; how its slots ended is counted in `tally`.
    pub(crate) fn new(page: Page, tally: Tally) -> Self {
        Self {
            page,
            tally,
            joined: BytesMut::new(),
            long: None,
            // The page has given way before its head.
            turns: 0,
            done: false,
        }
    }

    /// Gathers everything that is there; waits only for the first of it.
    ///
    /// Before it sends less than a full frame it gives way to what else is ready, which costs microseconds and brings
    /// what the fragments have sent meanwhile: one write to the browser instead of several.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        while self.long.is_none() && self.joined.len() < FULL_BYTES && !self.done {
            match self.page.step() {
                Next::Bytes(bytes) if bytes.len() > COPIED_BYTES => self.long = Some(bytes),
                Next::Bytes(bytes) => self.join(&bytes),
                Next::Done => self.end(),
                Next::Wait => {
                    if self.page.poll_arrival(cx).is_pending() {
                        ready!(self.poll_way(cx));
                        return Poll::Ready(self.take_joined());
                    }
                }
            }
        }
        Poll::Ready(self.take_joined().or_else(|| self.long.take()))
    }

    /// Ready when there is something to send that has let everything else go first.
    fn poll_way(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.joined.is_empty() {
            return Poll::Pending;
        }
        if let Some(left) = self.turns.checked_sub(1) {
            self.turns = left;
            // Its first poll puts the task behind all others and behind a look at the sockets.
            return pin!(yield_now()).poll(cx);
        }
        Poll::Ready(())
    }

    fn join(&mut self, bytes: &[u8]) {
        if self.joined.is_empty() {
            self.joined.reserve(COPIED_BYTES);
        }
        self.joined.extend_from_slice(bytes);
    }

    fn take_joined(&mut self) -> Option<Bytes> {
        self.turns = TURNS;
        (!self.joined.is_empty()).then(|| self.joined.split().freeze())
    }

    fn end(&mut self) {
        self.done = true;
        let counts = self.page.counts();
        (0..counts.fresh).for_each(|_| self.tally.fresh());
        (0..counts.fallback).for_each(|_| self.tally.fallback());
    }
}

impl Body for PageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = ready!(self.poll_bytes(cx));
        self.page.pause();
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.done && self.joined.is_empty() && self.long.is_none()
    }
}

impl Drop for PageBody {
    fn drop(&mut self) {
        if !self.done {
            self.end();
        }
    }
}
