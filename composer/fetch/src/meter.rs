//! Counts what a connection has read since its last request: tells a stale connection, stops floods of 1xx responses and of
//! framing without content.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

const UNLIMITED: usize = usize::MAX;
/// Room for chunks of a few bytes each in the longest body, and for chunks of one byte in a body of a third of that.
const FRAMING_FACTOR: usize = 2;

/// How much a connection may still read before a response head must be in, or a body at its end.
#[derive(Debug)]
pub(crate) struct Meter {
    limit: usize,
    left: AtomicUsize,
}

impl Meter {
    pub(crate) fn new(limit: usize) -> Self {
        let left = AtomicUsize::new(UNLIMITED);
        Self { limit, left }
    }

    /// A request goes out now.
    pub(crate) fn expect_head(&self) {
        self.left.store(self.limit, Relaxed);
    }

    /// The head is in.
    pub(crate) fn head_is_in(&self) {
        self.left.store(UNLIMITED, Relaxed);
    }

    /// A body of `bytes` at most may come, whose limit is kept elsewhere; here ends what is all sizes of chunks, their
    /// extensions and trailers, of which nobody else sees anything.
    pub(crate) fn expect_body(&self, bytes: usize) {
        let limit = bytes.saturating_mul(FRAMING_FACTOR).saturating_add(self.limit);
        self.left.store(limit.min(UNLIMITED - 1), Relaxed);
    }

    /// True when nothing came since the request went out.
    pub(crate) fn is_untouched(&self) -> bool {
        self.left.load(Relaxed) == self.limit
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let left = self.left.load(Relaxed);
        if left == UNLIMITED {
            return Ok(());
        }
        match left.checked_sub(bytes) {
            Some(rest) => {
                // A head that came in at the same moment wins.
                let _ = self.left.compare_exchange(left, rest, Relaxed, Relaxed);
                Ok(())
            }
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "response head or framing too long",
            )),
        }
    }
}

/// A stream whose reads are counted.
#[derive(Debug)]
pub(crate) struct Metered {
    pub(crate) stream: TcpStream,
    pub(crate) meter: Arc<Meter>,
}

impl AsyncRead for Metered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        match read {
            Poll::Ready(Ok(())) => Poll::Ready(self.meter.take(buf.filled().len() - before)),
            other => other,
        }
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
