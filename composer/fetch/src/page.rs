//! All fetches of one page, driven by the page itself: no task is spawned, and dropping the page drops its fetches.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use crate::{Event, FetchError, FragmentRequest, Visit, policy};

/// A fetch that finds this many bytes waiting for the page lets the page go first.
const MAX_WAITING_BYTES: usize = 32 << 10;

/// The fetches of one page; `K` tells them apart.
pub struct PageFetches<K> {
    visit: Arc<Visit>,
    running: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>,
    events: Arc<Events<K>>,
    left_at: Option<Instant>,
}

/// What waits for the page, and for how long the page has kept its fetches waiting.
struct Events<K> {
    queue: Mutex<Queue<K>>,
    pauses: Pauses,
}

struct Queue<K> {
    waiting: VecDeque<(K, Event)>,
    bytes: usize,
    stopped: Vec<K>,
}

/// The time in which a page could not take bytes, because its browser did not: no fetch is charged for it.
#[derive(Debug, Default)]
pub(crate) struct Pauses(AtomicU64);

/// Where a fetch puts its events.
pub(crate) struct Sink<K> {
    key: K,
    events: Arc<Events<K>>,
}

impl<K: Copy + PartialEq + Send + Sync + 'static> PageFetches<K> {
    /// No fetches yet, for a page that `visit` asked for.
    pub fn new(visit: Visit) -> Self {
        let events = Events {
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                bytes: 0,
                stopped: vec![],
            }),
            pauses: Pauses::default(),
        };
        Self {
            visit: Arc::new(visit),
            running: FuturesUnordered::new(),
            events: Arc::new(events),
            left_at: None,
        }
    }

    /// Adds a fetch, whose events are told apart by `key`. It is sent when the next event is asked for.
    pub fn start(&mut self, key: K, request: FragmentRequest) {
        let sink = Sink {
            key,
            events: Arc::clone(&self.events),
        };
        self.running
            .push(Box::pin(policy::run(request, Arc::clone(&self.visit), sink)));
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
            self.events.pauses.add(left_at.elapsed());
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

    /// Notes that the page can take nothing more now: until it asks for the next event, no fetch is charged for the time.
    pub fn pause(&mut self) {
        self.left_at.get_or_insert_with(Instant::now);
    }

    /// For how long the page has kept its fetches waiting.
    pub fn paused(&self) -> Duration {
        self.events.pauses.total()
    }
}

impl<K> Events<K> {
    fn queue(&self) -> MutexGuard<'_, Queue<K>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pop(&self) -> Option<(K, Event)> {
        let mut queue = self.queue();
        let (key, event) = queue.waiting.pop_front()?;
        queue.bytes -= bytes_of(&event);
        Some((key, event))
    }

    fn is_empty(&self) -> bool {
        self.queue().waiting.is_empty()
    }
}

impl<K: PartialEq> Events<K> {
    fn stop(&self, key: K) {
        let mut queue = self.queue();
        queue.waiting.retain(|(waiting, _)| *waiting != key);
        queue.bytes = queue.waiting.iter().map(|(_, event)| bytes_of(event)).sum();
        queue.stopped.push(key);
    }

    fn push(&self, key: K, event: Event) -> Result<usize, FetchError> {
        let mut queue = self.queue();
        if queue.stopped.contains(&key) {
            return Err(FetchError::Stopped);
        }
        queue.bytes += bytes_of(&event);
        queue.waiting.push_back((key, event));
        Ok(queue.bytes)
    }
}

fn bytes_of(event: &Event) -> usize {
    match event {
        Event::Chunk(bytes) => bytes.len(),
        Event::Head(_) | Event::End | Event::Failed(_) => 0,
    }
}

impl Pauses {
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.0.load(Relaxed))
    }

    fn add(&self, pause: Duration) {
        let nanos = u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanos, Relaxed);
    }
}

impl<K: Copy + PartialEq> Sink<K> {
    /// Hands on `event`; steps back when the page has much to take already.
    ///
    /// # Errors
    /// When the page wants no more of this fetch.
    pub(crate) async fn send(&self, event: Event) -> Result<(), FetchError> {
        if self.events.push(self.key, event)? >= MAX_WAITING_BYTES {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl<K> Sink<K> {
    pub(crate) fn pauses(&self) -> &Pauses {
        &self.events.pauses
    }
}
