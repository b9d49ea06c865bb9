//! One HTTP/1.1 connection to a BFF: opened, used for one request at a time, kept idle in between.
//!
//! It has no task of its own: whoever waits for a response drives it, so that a page and all its
//! connections are one task, and no byte wakes two.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Empty;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Builder, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tracing::debug;

use crate::{
    Config, FetchError,
    meter::{Meter, Metered},
    target::Target,
};

/// Fragments are asked for with GET: no body.
pub(crate) type NoBody = Empty<Bytes>;

/// Reads and writes, whenever it is polled.
type Driver = Pin<Box<http1::Connection<TokioIo<Metered>, NoBody>>>;

/// An open connection that nobody else uses.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<NoBody>,
    /// `None` when the connection has ended.
    driver: Option<Driver>,
    meter: Arc<Meter>,
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
        let (stream, config) = (target.dial().await?, target.config());
        // Room for the head, a few 1xx responses before it, and what hyper reads ahead of the body.
        let meter = Arc::new(Meter::new(4 * config.max_head_bytes));
        let io = Metered {
            stream,
            meter: Arc::clone(&meter),
        };
        let (sender, driver) = Builder::new()
            .max_buf_size(config.max_head_bytes)
            .handshake(TokioIo::new(io))
            .await
            .map_err(FetchError::Head)?;
        Ok(Self {
            sender,
            driver: Some(Box::pin(driver)),
            meter,
            last_used: Instant::now(),
        })
    }

    /// Sends `request` and waits for the response's head.
    pub(crate) async fn send(&mut self, request: Request<NoBody>) -> Result<Response<Incoming>, SendError> {
        self.meter.expect_head();
        let mut response = pin!(self.sender.send_request(request));
        let response = poll_fn(|cx| {
            self.drive(cx);
            response.as_mut().poll(cx)
        });
        match response.await {
            Ok(response) => {
                self.meter.head_is_in();
                Ok(response)
            }
            Err(error) if self.meter.is_untouched() => Err(SendError::Untouched(FetchError::Head(error))),
            Err(error) => Err(SendError::Spent(FetchError::Head(error))),
        }
    }

    /// A body of `bytes` at most may come.
    pub(crate) fn expect_body(&self, bytes: usize) {
        self.meter.expect_body(bytes);
    }

    /// The next piece of the response's body.
    pub(crate) async fn frame(&mut self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame),
            Poll::Pending => {
                self.drive(cx);
                Pin::new(&mut *body).poll_frame(cx)
            }
        })
        .await
    }

    /// Tells whether another request may be sent, as far as is known.
    pub(crate) fn is_usable(&mut self, config: &Config) -> bool {
        // An idle connection that the BFF has closed says so only when it is looked at.
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready() && self.last_used.elapsed() < config.idle_timeout
    }

    /// Notes that a response was read to its end.
    pub(crate) fn rest(&mut self) {
        self.last_used = Instant::now();
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        let Some(driver) = &mut self.driver else { return };
        if let Poll::Ready(ended) = driver.as_mut().poll(cx) {
            self.driver = None;
            if let Err(error) = ended {
                debug!(%error, "connection to a bff broke");
            }
        }
    }
}
