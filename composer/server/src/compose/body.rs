//! The body of a page: bytes as soon as there are any, small ones joined, compressed on their way if need be.

use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use composer_coding::{Coding, CodingError};
use http::HeaderMap;
use http_body::{Body, Frame};
use tokio::task::yield_now;

use super::{
    outgoing::Outgoing,
    page::{Next, Page, TURNS},
    timing::SERVER_TIMING,
};
use crate::request::Tally;

/// Streams a page whose head is out.
pub(crate) struct PageBody {
    page: Page,
    tally: Tally,
    outgoing: Outgoing,
    /// How often all else that is ready goes first before the next frame.
    turns: u8,
    done: bool,
    /// True when the client takes at the end what was not known at the head.
    has_trailer: bool,
}

impl PageBody {
    /// The rest of `page`, compressed by `coding` if there is one; how its slots ended is counted in `tally`.
    pub(crate) fn new(page: Page, tally: Tally, coding: Option<Coding>) -> Self {
        Self {
            page,
            tally,
            outgoing: Outgoing::new(coding),
            // The page has given way before its head.
            turns: 0,
            done: false,
            has_trailer: false,
        }
    }

    /// The same, with what the late slots took at its end.
    pub(crate) fn with_trailer(mut self, has_trailer: bool) -> Self {
        self.has_trailer = has_trailer;
        self
    }

    /// What is said when all is sent, once.
    fn take_trailer(&mut self) -> Option<Frame<Bytes>> {
        let timing = mem::take(&mut self.has_trailer).then(|| self.page.timing_at_end())??;
        Some(Frame::trailers(HeaderMap::from_iter([(SERVER_TIMING, timing)])))
    }

    /// Gathers everything that is there; waits only for the first of it.
    ///
    /// Before it sends less than a full frame it gives way to what else is ready, which costs microseconds and brings
    /// what the fragments have sent meanwhile: one write to the browser instead of several.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, CodingError>> {
        self.outgoing.go_on()?;
        while !self.outgoing.is_full() && !self.done {
            match self.page.step() {
                Next::Text(text) => self.outgoing.add(&text)?,
                Next::Done => {
                    self.end();
                    self.outgoing.end()?;
                }
                Next::Wait => {
                    if self.page.poll_arrival(cx).is_pending() {
                        ready!(self.poll_way(cx));
                        self.outgoing.flush()?;
                        break;
                    }
                }
            }
        }
        self.turns = TURNS;
        Poll::Ready(Ok(self.outgoing.take()))
    }

    /// Ready when there is something to send that has let everything else go first.
    fn poll_way(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.outgoing.is_empty() {
            return Poll::Pending;
        }
        if let Some(left) = self.turns.checked_sub(1) {
            self.turns = left;
            // Its first poll puts the task behind all others and behind a look at the sockets.
            return pin!(yield_now()).poll(cx);
        }
        Poll::Ready(())
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
    type Error = CodingError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CodingError>>> {
        let bytes = ready!(self.poll_bytes(cx));
        self.page.pause();
        match bytes.transpose() {
            Some(bytes) => Poll::Ready(Some(bytes.map(Frame::data))),
            None => Poll::Ready(self.take_trailer().map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.done && self.outgoing.is_empty() && !self.has_trailer
    }
}

impl Drop for PageBody {
    fn drop(&mut self) {
        if !self.done {
            self.end();
        }
    }
}
