//! What fetches have for their page: events in order of arrival, and the time in which the page could take none.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use crate::{Event, FetchError, habit::Habit};

/// A fetch that finds this many bytes waiting for the page lets the page go first.
const MAX_WAITING_BYTES: usize = 32 << 10;

/// What waits for the page, and for how long the page has kept its fetches waiting.
pub(crate) struct Events<K> {
    queue: Mutex<Queue<K>>,
    pauses: Pauses,
    /// True when the page's own time is over.
    is_over: AtomicBool,
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
    /// What learns from the head of the answer.
    habit: Option<Arc<Habit>>,
}

impl<K> Default for Events<K> {
    fn default() -> Self {
        let queue = Queue {
            waiting: VecDeque::new(),
            bytes: 0,
            stopped: vec![],
        };
        Self {
            queue: Mutex::new(queue),
            pauses: Pauses::default(),
            is_over: AtomicBool::new(false),
        }
    }
}

impl<K> Events<K> {
    pub(crate) fn end(&self) {
        self.is_over.store(true, Relaxed);
    }

    pub(crate) fn pauses(&self) -> &Pauses {
        &self.pauses
    }

    fn queue(&self) -> MutexGuard<'_, Queue<K>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pop(&self) -> Option<(K, Event)> {
        let mut queue = self.queue();
        let (key, event) = queue.waiting.pop_front()?;
        queue.bytes -= bytes_of(&event);
        Some((key, event))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue().waiting.is_empty()
    }
}

impl<K: PartialEq> Events<K> {
    pub(crate) fn stop(&self, key: K) {
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
        Event::Head(_) | Event::End | Event::Failed(_) | Event::Kept(_) => 0,
    }
}

impl Pauses {
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.0.load(Relaxed))
    }

    pub(crate) fn add(&self, pause: Duration) {
        let nanos = u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanos, Relaxed);
    }
}

impl<K: Copy> Clone for Sink<K> {
    fn clone(&self) -> Self {
        Self {
            key: self.key,
            events: Arc::clone(&self.events),
            habit: self.habit.clone(),
        }
    }
}

impl<K: Copy + PartialEq> Sink<K> {
    /// Hands on `event` at once.
    pub(crate) fn push(&self, event: Event) {
        // A page that wants no more of it has said so.
        let _ = self.events.push(self.key, event);
    }

    /// Hands on `event`; steps back when the page has much to take already.
    ///
    /// # Errors
    /// When the page wants no more of this fetch.
    pub(crate) async fn send(&self, event: Event) -> Result<(), FetchError> {
        if let (Some(habit), Event::Head(head)) = (&self.habit, &event) {
            habit.see(head);
        }
        if self.events.push(self.key, event)? >= MAX_WAITING_BYTES {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl<K> Sink<K> {
    pub(crate) fn new(key: K, events: Arc<Events<K>>) -> Self {
        let habit = None;
        Self { key, events, habit }
    }

    /// The same, for a fragment whose answers go by the cache until one may be kept.
    pub(crate) fn teaching(self, habit: &Arc<Habit>) -> Self {
        let habit = Some(Arc::clone(habit));
        Self { habit, ..self }
    }

    /// True when the page's own time is over, and not its visitor gone.
    pub(crate) fn is_over(&self) -> bool {
        self.events.is_over.load(Relaxed)
    }

    pub(crate) fn pauses(&self) -> &Pauses {
        &self.events.pauses
    }
}
