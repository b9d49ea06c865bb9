//! The moments of a stop: replies say goodbye, then nothing new is begun, then what runs on is cut.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::response::Response;
use http::{HeaderValue, StatusCode, Version, header};
use tokio_util::sync::CancellationToken;

/// Tells whoever holds a copy how far the stop has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drain(Arc<Moments>);

#[derive(Debug, Default)]
struct Moments {
    leaving: AtomicBool,
    succeeded: AtomicBool,
    started: CancellationToken,
    ended: CancellationToken,
}

impl Drain {
    /// Each reply is its connection's last from now on, so that clients find their way to others before any is closed.
    pub(crate) fn leave(&self) {
        self.0.leaving.store(true, Relaxed);
    }

    /// Another process serves the same addresses from now on: those who ask whether they are served are told so.
    pub(crate) fn succeed(&self) {
        self.0.succeeded.store(true, Relaxed);
        self.leave();
    }

    /// No new work from now on.
    pub(crate) fn start(&self) {
        self.leave();
        self.0.started.cancel();
    }

    /// No work at all from now on.
    pub(crate) fn end(&self) {
        self.start();
        self.0.ended.cancel();
    }

    /// Makes a reply by `version` the last of its connection once the stop has begun. HTTP/2 has a word of its own for that.
    pub(crate) fn farewell(&self, version: Version, mut response: Response) -> Response {
        let is_switch = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if self.is_leaving() && version < Version::HTTP_2 && !is_switch {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }

    /// Tells whether the stop has begun.
    pub(crate) fn is_leaving(&self) -> bool {
        self.0.leaving.load(Relaxed)
    }

    /// Tells whether another process serves instead.
    pub(crate) fn has_successor(&self) -> bool {
        self.0.succeeded.load(Relaxed)
    }

    /// Waits until nothing new is begun: time for endless replies, such as events, to end.
    pub(crate) async fn started(&self) {
        self.0.started.cancelled().await;
    }

    /// Waits until the stop's time is over: what runs on is cut.
    pub(crate) async fn ended(&self) {
        self.0.ended.cancelled().await;
    }
}
