//! HTTP/2: each stream of a connection is a task that asks the router; unlike hyper's, it can send what comes before the
//! response.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Ping, PingPong, RecvStream,
    server::{Builder, Connection, Handshake, SendResponse},
};
use http::{Request, Version};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Sleep, sleep},
};

use super::{
    activity::Activity,
    exchange::{Exchange, Terms},
    sending::SEND_BYTES,
};

/// What a client may send unread, per stream and in all.
const WINDOW_BYTES: u32 = 1 << 20;

/// Why a connection ended before its time.
#[derive(Debug, thiserror::Error)]
pub(super) enum Http2Error {
    /// The client broke the protocol, or the line broke.
    #[error(transparent)]
    Protocol(#[from] h2::Error),
    /// The client answers no ping.
    #[error("the client answers no ping")]
    Silent,
}

/// A connection under way; it ends when its last stream has.
pub(super) struct Http2<S> {
    state: State<S>,
    activity: Arc<Activity>,
    terms: Arc<Terms>,
    is_ending: bool,
}

enum State<S> {
    Handshake(Box<Handshake<S, Bytes>>),
    Serving {
        connection: Box<Connection<S, Bytes>>,
        alive: Option<KeepAlive>,
    },
}

impl<S: AsyncRead + AsyncWrite + Unpin> Http2<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, terms: Arc<Terms>) -> Self {
        let limits = &terms.limits;
        let handshake = Builder::new()
            .initial_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            .max_send_buffer_size(SEND_BYTES)
            .handshake(stream);
        Self {
            state: State::Handshake(Box::new(handshake)),
            activity,
            terms,
            is_ending: false,
        }
    }

    /// Takes no more streams, and ends with the last one.
    pub(super) fn end(&mut self) {
        self.is_ending = true;
        if let State::Serving { connection, .. } = &mut self.state {
            connection.graceful_shutdown();
        }
    }

    fn begin(&self, request: Request<RecvStream>, reply: SendResponse<Bytes>) {
        let in_flight = self.activity.begin(Version::HTTP_2, false);
        let exchange = Exchange::new(self.terms.clone(), reply);
        tokio::spawn(async move {
            exchange.serve(request).await;
            drop(in_flight);
        });
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Http2<S> {
    type Output = Result<(), Http2Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Handshake(handshake) => {
                    let mut connection = Box::new(ready!(Pin::new(handshake).poll(cx))?);
                    if this.is_ending {
                        connection.graceful_shutdown();
                    }
                    let ping_pong = connection.ping_pong();
                    let (idle, head) = (this.terms.limits.idle, this.terms.limits.head);
                    let alive = ping_pong.map(|ping_pong| KeepAlive::new(ping_pong, idle, head));
                    this.state = State::Serving { connection, alive };
                }
                State::Serving { connection, alive } => {
                    if alive.as_mut().is_some_and(|alive| alive.poll(cx).is_ready()) {
                        return Poll::Ready(Err(Http2Error::Silent));
                    }
                    match ready!(connection.poll_accept(cx)) {
                        Some(Ok((request, reply))) => {
                            if this.terms.drain.is_leaving() && !this.is_ending {
                                this.is_ending = true;
                                connection.graceful_shutdown();
                            }
                            this.begin(request, reply);
                        }
                        Some(Err(error)) => return Poll::Ready(Err(error.into())),
                        None => return Poll::Ready(Ok(())),
                    }
                }
            }
        }
    }
}

/// Asks every `interval` whether the client is still there.
struct KeepAlive {
    ping_pong: PingPong,
    interval: Duration,
    patience: Duration,
    sleep: Pin<Box<Sleep>>,
    is_asked: bool,
}

impl KeepAlive {
    fn new(ping_pong: PingPong, interval: Duration, patience: Duration) -> Self {
        Self {
            ping_pong,
            interval,
            patience,
            sleep: Box::pin(sleep(interval)),
            is_asked: false,
        }
    }

    /// Ready when the client has not answered within `patience`.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.is_asked && self.ping_pong.poll_pong(cx).is_ready() {
                self.is_asked = false;
                self.sleep.as_mut().reset(Instant::now() + self.interval);
            }
            ready!(self.sleep.as_mut().poll(cx));
            // A ping that can't be sent finds a connection that is about to end by itself.
            if self.is_asked || self.ping_pong.send_ping(Ping::opaque()).is_err() {
                return Poll::Ready(());
            }
            self.is_asked = true;
            self.sleep.as_mut().reset(Instant::now() + self.patience);
        }
    }
}
