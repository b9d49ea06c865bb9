//! WebSocket and other protocols: after both sides have agreed, bytes go both ways untouched.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, response::Response};
use composer_fetch::Upstream;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Version, header};
use hyper::{
    body::Incoming,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional},
    time::{sleep, timeout},
};
use tracing::debug;

use super::{Refusal, hop, reply};
use crate::{drain::Drain, security};

/// A tunnel through which nothing goes for so long is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(300);
/// How long a side may take to switch once both have agreed.
const SWITCH_LIMIT: Duration = Duration::from_secs(10);

/// A protocol that the browser asks for.
pub(super) struct Wanted {
    protocol: HeaderValue,
    browser: OnUpgrade,
}

/// Both sides of a switch that is agreed on.
pub(super) struct Tunnel {
    browser: OnUpgrade,
    bff: OnUpgrade,
}

/// Tells whether these headers ask for another protocol.
pub(super) fn asks(headers: &HeaderMap) -> bool {
    let connection = headers.get_all(header::CONNECTION);
    let mut tokens = connection
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    headers.contains_key(header::UPGRADE) && tokens.any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
}

/// Takes the browser's side of an upgrade, if it asks for one.
pub(super) fn wanted(request: &mut Request<Body>) -> Option<Wanted> {
    if request.version() != Version::HTTP_11 || !asks(request.headers()) {
        return None;
    }
    let protocol = request.headers().get(header::UPGRADE)?.clone();
    // HTTP/2 by upgrade would hide requests from every check here.
    if protocol
        .to_str()
        .is_ok_and(|protocol| protocol.to_ascii_lowercase().contains("h2c"))
    {
        return None;
    }
    let browser = hyper::upgrade::on(request);
    Some(Wanted { protocol, browser })
}

impl Wanted {
    /// Asks the BFF for the same.
    pub(super) fn ask(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, self.protocol.clone());
    }
}

/// The reply that agrees to the switch, and the tunnel for after it.
pub(super) fn join(
    wanted: Wanted,
    mut response: http::Response<Incoming>,
    upstream: &Upstream,
) -> Result<(Response, Tunnel), Refusal> {
    let chosen = response.headers().get(header::UPGRADE).cloned();
    let chosen = chosen.filter(|chosen| chosen.as_bytes().eq_ignore_ascii_case(wanted.protocol.as_bytes()));
    let chosen = chosen.ok_or(Refusal::Response("switches to a protocol that nobody asked for"))?;
    let bff = hyper::upgrade::on(&mut response);
    let mut headers = std::mem::take(response.headers_mut());
    hop::strip(&mut headers);
    reply::reduce(&mut headers, upstream);
    security::no_script(&mut headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, chosen);
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *reply.headers_mut() = headers;
    let browser = wanted.browser;
    Ok((reply, Tunnel { browser, bff }))
}

impl Tunnel {
    /// Copies bytes until either side ends, nothing moves for too long, or the composer stops.
    pub(super) async fn run(self, drain: Drain) {
        let both = async { tokio::try_join!(self.browser, self.bff) };
        let Ok(Ok((browser, bff))) = timeout(SWITCH_LIMIT, both).await else {
            debug!("a side did not switch");
            return;
        };
        let moved = Arc::new(AtomicBool::new(false));
        let (mut browser, mut bff) = (Moving::new(browser, &moved), Moving::new(bff, &moved));
        tokio::select! {
            copied = copy_bidirectional(&mut browser, &mut bff) => {
                debug!(ok = copied.is_ok(), "tunnel ended");
            }
            () = stands_still(&moved) => debug!("tunnel stood still"),
            () = drain.ended() => {}
        }
    }
}

async fn stands_still(moved: &AtomicBool) {
    loop {
        sleep(IDLE_LIMIT).await;
        if !moved.swap(false, Relaxed) {
            return;
        }
    }
}

/// Notes that something was read.
struct Moving {
    stream: TokioIo<Upgraded>,
    moved: Arc<AtomicBool>,
}

impl Moving {
    fn new(stream: Upgraded, moved: &Arc<AtomicBool>) -> Self {
        Self {
            stream: TokioIo::new(stream),
            moved: Arc::clone(moved),
        }
    }
}

impl AsyncRead for Moving {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.moved.store(true, Relaxed);
        }
        read
    }
}

impl AsyncWrite for Moving {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
