//! One HTTP/1.1 connection to a BFF: opened, used for one request at a time, kept idle in between.
//!
//! It has no task of its own: whoever waits for a response reads it, so that a page and all its
//! connections are one task, and no byte wakes two.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use crate::{
    Config, FetchError,
    target::Target,
    wire::{Body, Head, Piece, Reading, WireError},
};

/// Read at once. Most fragments are shorter, head and all.
const READ_BYTES: usize = 8 << 10;
/// Room for a head, a few 1xx responses before it, and what is read of the body with it.
const HEADS: usize = 4;
/// Room for chunks of a few bytes each in the longest body, and for chunks of one byte in a body of a third of that.
const FRAMING_FACTOR: usize = 2;

/// An open connection that nobody else uses.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read, and not taken.
    buffer: BytesMut,
    body: Body,
    /// Whether another request may follow, as far as the response says.
    keeps: bool,
    max_head_bytes: usize,
    /// Since the last request.
    read_bytes: usize,
    /// No more is read: of the content there is a limit elsewhere, here ends what is all sizes of chunks, their extensions and
    /// trailers, or responses before the response, of which nobody else sees anything.
    max_read_bytes: usize,
    last_used: Instant,
}

/// Why a request got no response head.
pub(crate) enum SendError {
    /// There is no connection.
    Unreached(FetchError),
    /// The connection was closed before any byte of a response: another connection may be tried.
    Untouched(FetchError),
    /// The request may have had its effect.
    Spent(FetchError),
}

impl From<SendError> for FetchError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Unreached(error) | SendError::Untouched(error) | SendError::Spent(error) => error,
        }
    }
}

impl Connection {
    /// Connects to `target`.
    pub(crate) async fn open(target: &Target) -> Result<Self, FetchError> {
        let stream = target.dial().await?;
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
            body: Body::none(),
            keeps: true,
            max_head_bytes: target.config().max_head_bytes,
            read_bytes: 0,
            max_read_bytes: 0,
            last_used: Instant::now(),
        })
    }

    /// Sends `request`, a head without a body, and waits for the response's head.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Head, SendError> {
        self.read_bytes = 0;
        self.max_read_bytes = self.max_head_bytes.saturating_mul(HEADS);
        let written = self.stream.write_all(request).await;
        // One that answers before it has read everything, and closes, is heard, too.
        let error = match (self.head().await, written) {
            (Ok(head), _) => {
                (self.body, self.keeps) = (head.body, head.keeps);
                return Ok(head);
            }
            (Err(WireError::Closed), Err(error)) => error.into(),
            (Err(error), _) => error,
        };
        if self.read_bytes == 0 {
            return Err(SendError::Untouched(FetchError::Head(error)));
        }
        Err(SendError::Spent(FetchError::Head(error)))
    }

    async fn head(&mut self) -> Result<Head, WireError> {
        let mut reading = Reading::default();
        loop {
            match reading.head(&mut self.buffer)? {
                // What comes before a response says nothing of the fragment. What isn't HTTP any more has nothing after it.
                Some(head) if head.is_interim() => {}
                Some(head) => return Ok(head),
                None if self.buffer.len() >= self.max_head_bytes => {
                    let limit_bytes = self.max_head_bytes;
                    return Err(WireError::LongHead { limit_bytes });
                }
                None if self.read().await? => {}
                None => return Err(WireError::Closed),
            }
        }
    }

    /// A body of `bytes` at most may come.
    pub(crate) fn expect_body(&mut self, bytes: usize) {
        self.read_bytes = 0;
        let around = self.max_head_bytes.saturating_mul(HEADS);
        self.max_read_bytes = bytes.saturating_mul(FRAMING_FACTOR).saturating_add(around);
    }

    /// The next piece of the response's body; `None` when it is over.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, WireError> {
        loop {
            match self.body.take(&mut self.buffer)? {
                Piece::Content(bytes) => return Ok(Some(bytes)),
                Piece::End => return Ok(None),
                Piece::More if self.read().await? => {}
                Piece::More => {
                    self.body.closed()?;
                    return Ok(None);
                }
            }
        }
    }

    /// Reads what has come; false at the end.
    async fn read(&mut self) -> Result<bool, WireError> {
        self.buffer.reserve(READ_BYTES);
        let bytes = self.stream.read_buf(&mut self.buffer).await?;
        self.read_bytes += bytes;
        if self.read_bytes > self.max_read_bytes {
            let limit_bytes = self.max_read_bytes;
            return Err(WireError::Flood { limit_bytes });
        }
        Ok(bytes > 0)
    }

    /// Tells whether another request may be sent, as far as is known.
    pub(crate) fn is_usable(&self, config: &Config, now: Instant) -> bool {
        // Nothing may come while nothing is asked: it would be taken for the next answer. And the end of the connection says
        // so only when it is looked at.
        let is_quiet =
            matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        is_quiet && now.saturating_duration_since(self.last_used) < config.idle_timeout
    }

    /// Rests until the next request, if one may follow: the response was read to its end, and nothing came after it.
    pub(crate) fn rest(mut self) -> Option<Self> {
        if !self.keeps || !self.body.is_over() || !self.buffer.is_empty() {
            return None;
        }
        self.buffer = BytesMut::new();
        self.last_used = Instant::now();
        Some(self)
    }
}
