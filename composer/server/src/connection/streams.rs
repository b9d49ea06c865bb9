//! The streams of HTTP/2 connections: one whose client takes nothing for too long ends, the others go on.

use std::{
    cell::Cell,
    future::poll_fn,
    pin::pin,
    task::{Poll, ready},
    time::Duration,
};

use hyper::rt::Executor;
use tokio::{
    task_local,
    time::{Instant, sleep_until},
};

task_local! {
    /// Since when the stream's client has had bytes to take; `None` while the reply itself is waited for.
    static OFFERED: Cell<Option<Instant>>;
}

/// Runs each stream as a task.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    pub(super) write_stall: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(OFFERED.scope(Cell::new(None), taken(stream, self.write_stall)));
    }
}

/// Notes what a reply's body gave: bytes are the client's turn, everything else is ours.
pub(super) fn note<T>(polled: &Poll<Option<T>>) {
    let since = matches!(polled, Poll::Ready(Some(_))).then(Instant::now);
    // Only streams have one: HTTP/1 has its connection to itself, where a write that waits tells the same.
    let _ = OFFERED.try_with(|offered| offered.set(since));
}

/// Runs `stream` until its end, or drops it, which resets it, when its client takes nothing for `write_stall`.
async fn taken(stream: impl Future, write_stall: Duration) {
    let mut stream = pin!(stream);
    let mut sleep = pin!(sleep_until(Instant::now() + write_stall));
    poll_fn(|cx| {
        if stream.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let Some(since) = OFFERED.with(Cell::get) else {
            return Poll::Pending;
        };
        if sleep.deadline() != since + write_stall {
            sleep.as_mut().reset(since + write_stall);
        }
        ready!(sleep.as_mut().poll(cx));
        tracing::debug!("stream reset, its client takes nothing");
        Poll::Ready(())
    })
    .await;
}
