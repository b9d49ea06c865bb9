//! All fetches of one page, driven by the page itself: no task is spawned, and dropping the page drops its fetches.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use crate::{
    Cache, Event, FragmentRequest, Visit,
    cache::Fetching,
    events::{Events, Sink},
};

/// The fetches of one page; `K` tells them apart.
pub struct PageFetches<K> {
    visit: Arc<Visit>,
    cache: Arc<Cache>,
    running: FuturesUnordered<Fetching>,
    events: Arc<Events<K>>,
    left_at: Option<Instant>,
}

impl<K: Copy + PartialEq + Send + Sync + 'static> PageFetches<K> {
    /// No fetches yet, for a page that `visit` asked for; what `cache` keeps isn't fetched.
    pub fn new(visit: Visit, cache: Arc<Cache>) -> Self {
        Self {
            visit: Arc::new(visit),
            cache,
            running: FuturesUnordered::new(),
            events: Arc::default(),
            left_at: None,
        }
    }

    /// Adds a fetch, whose events are told apart by `key`. What is kept is there at once; what may be kept is asked for now,
    /// all else when the next event is asked for.
    pub fn start(&mut self, key: K, request: FragmentRequest) {
        let sink = Sink::new(key, Arc::clone(&self.events));
        if let Some(fetching) = self.cache.begin(request, &self.visit, sink) {
            self.running.push(fetching);
        }
    }

    /// Nobody wants the rest of this fetch: it gives no more chunks, and ends when its next one comes.
    pub fn stop(&mut self, key: K) {
        self.events.stop(key);
    }

    /// The next event of any fetch; `None` when all have ended.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Option<(K, Event)> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The same, for streams.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(K, Event)>> {
        if let Some(left_at) = self.left_at.take() {
            self.events.pauses().add(left_at.elapsed());
        }
        loop {
            if let Some(event) = self.events.pop() {
                return Poll::Ready(Some(event));
            }
            match self.running.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => return Poll::Ready(self.events.pop()),
                Poll::Pending if self.events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }

    /// Notes that the page's own time is over: a fetch that is dropped from now on, and has had half of its own time, was late.
    pub fn end(&self) {
        self.events.end();
    }

    /// Notes that the page can take nothing more now: until it asks for the next event, no fetch is charged for the time.
    pub fn pause(&mut self) {
        self.left_at.get_or_insert_with(Instant::now);
    }

    /// For how long the page has kept its fetches waiting.
    pub fn paused(&self) -> Duration {
        self.events.pauses().total()
    }
}
