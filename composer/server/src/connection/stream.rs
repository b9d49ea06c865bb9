//! The bytes of one connection, watched: what arrives counts as activity, what nobody takes is given up.

use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

use super::{
    activity::{Activity, InFlight},
    interim::Interim,
    turnstile::Turnstile,
};
use crate::handler::Handler;

/// As much of a connection as tells what it speaks.
pub(super) type First = [u8; 24];

/// A stream that fails when the client reads nothing for too long; holds `kept` for as long as it lives.
pub(super) struct Watched<S, K> {
    stream: S,
    activity: Arc<Activity>,
    write_stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
    /// The connection's first bytes, read to know what it speaks, and which of them are still to be read.
    first: First,
    unread: Range<usize>,
    /// Where HTTP/1.1 may carry hints.
    interim: Option<Arc<Interim>>,
    /// What is left to write of a hint or a refusal that has begun: nothing goes before it.
    ahead: Bytes,
    /// Where requests may be turned away.
    turnstile: Option<Turnstile>,
    is_refusing: bool,
    _kept: K,
}

impl<S, K> Watched<S, K> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, write_stall: Duration, kept: K) -> Self {
        Self {
            stream,
            activity,
            write_stall,
            stalled: None,
            is_stalled: false,
            first: First::default(),
            unread: 0..0,
            interim: None,
            ahead: Bytes::new(),
            turnstile: None,
            is_refusing: false,
            _kept: kept,
        }
    }

    /// Has the first `len` bytes of `first` read again.
    pub(super) fn unread(&mut self, first: First, len: usize) {
        self.first = first;
        self.unread = 0..len;
    }

    /// Has hints written whenever no message is under way; bytes to be read again count as read.
    pub(super) fn hint(&mut self, interim: Arc<Interim>) {
        interim.received(&self.first[self.unread.clone()]);
        self.interim = Some(interim);
    }

    /// Has requests turned away that `handler` says so of; all bytes are still to be read.
    pub(super) fn refuse(&mut self, handler: Handler) {
        self.turnstile = Some(Turnstile::new(handler));
    }

    fn passed(&mut self, bytes: &[u8]) {
        if let Some(turnstile) = &mut self.turnstile {
            turnstile.passed(bytes);
        }
        if let Some(interim) = &self.interim {
            interim.received(bytes);
        }
    }

    fn writes(&mut self) {
        if let Some(turnstile) = &mut self.turnstile {
            turnstile.writes();
        }
    }

    /// Passes on what a write gave; one that waits longer than it may is an error.
    fn within<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_stalled = false;
            return written;
        }
        let stall = self.write_stall;
        let sleep = self.stalled.get_or_insert_with(|| Box::pin(sleep(stall)));
        if !self.is_stalled {
            self.is_stalled = true;
            sleep.as_mut().reset(Instant::now() + stall);
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing")))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, K: Unpin> AsyncRead for Watched<S, K> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if !this.unread.is_empty() {
            let len = this.unread.len().min(buf.remaining());
            let end = this.unread.start + len;
            buf.put_slice(&this.first[this.unread.start..end]);
            this.unread.start = end;
            if let Some(turnstile) = &mut this.turnstile {
                turnstile.passed(&buf.filled()[before..]);
            }
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(this.poll_refuse(cx))?;
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let bytes = &buf.filled()[before..];
            if bytes.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let turnstile = this.turnstile.as_ref();
            let Some(refusal) = turnstile.and_then(|turnstile| turnstile.refusal(&this.activity, bytes)) else {
                this.activity.received();
                this.passed(bytes);
                return Poll::Ready(Ok(()));
            };
            buf.set_filled(before);
            this.activity.answered();
            this.ahead = refusal;
            this.is_refusing = true;
        }
    }
}

impl<S: AsyncWrite + Unpin, K: Unpin> Watched<S, K> {
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ahead.is_empty() {
            let written = Pin::new(&mut self.stream).poll_write(cx, &self.ahead);
            match ready!(self.within(cx, written))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.ahead.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what is left of a refusal: nothing is read before that.
    fn poll_refuse(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_refusing {
            ready!(self.poll_ahead(cx))?;
            let flushed = Pin::new(&mut self.stream).poll_flush(cx);
            ready!(self.within(cx, flushed))?;
            self.is_refusing = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin, K: Unpin> AsyncWrite for Watched<S, K> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writes();
        ready!(self.poll_ahead(cx))?;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writes();
        ready!(self.poll_ahead(cx))?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.within(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(turnstile) = &mut self.turnstile {
            turnstile.flushes();
        }
        if self.ahead.is_empty()
            && let Some(hint) = self.interim.as_ref().and_then(|interim| interim.take())
        {
            self.ahead = hint;
        }
        ready!(self.poll_ahead(cx))?;
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ahead(cx))?;
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(cx, shut)
    }
}

/// The body of a reply; its request is in flight until it is dropped.
pub(super) struct Guarded {
    body: Body,
    _in_flight: InFlight,
}

impl Guarded {
    pub(super) fn new(body: Body, in_flight: InFlight) -> Self {
        Self {
            body,
            _in_flight: in_flight,
        }
    }
}

impl HttpBody for Guarded {
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
