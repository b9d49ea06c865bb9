//! One fetch for all pages that want the same at the same time; each gets the bytes as they arrive.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use tokio::sync::{Notify, watch};

use super::log::Log;
use crate::{Entry, Event, FetchError, ResponseHead, events::Sink, key::Key};

/// More at once, and further fetches are their page's own.
const MOST_FLIGHTS: usize = 4_096;
const PARTS: usize = 16;
/// An answer for one page only is read no further ahead of that page.
const MOST_AHEAD_BYTES: usize = 64 << 10;

/// What makes two fetches one: all that the fragment sees, and whether it is a page's own, which may redirect.
pub(super) type Name = (Key, bool);

/// The flights under way, and for moments those that failed.
#[derive(Debug)]
pub(super) struct Flights {
    parts: Box<[Mutex<Part>]>,
    count: AtomicUsize,
    /// What all of them hold, those that have landed among them whose pages haven't taken it.
    held_bytes: Arc<AtomicUsize>,
    most_bytes: usize,
}

type Part = HashMap<Name, Arc<Flight>>;

/// One fetch under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) name: Name,
    /// The last purge when it began.
    pub(super) began: u64,
    /// True for one that took over from another that broke off.
    pub(super) is_second: bool,
    held_bytes: Arc<AtomicUsize>,
    state: Mutex<State>,
    moved: watch::Sender<()>,
    aboard: AtomicUsize,
    all_left: Notify,
    /// Told when the page that an answer is for has taken some of it.
    taken: Notify,
    /// True when a page left it because its own time was over.
    was_late: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    head: Option<ResponseHead>,
    /// True when others than who began it may have what arrives.
    is_shared: bool,
    /// True when nothing of it is kept: what the page has that began it is let go.
    passes: bool,
    chunks: Vec<Bytes>,
    /// Of an answer that passes: what the page hasn't taken.
    ahead_bytes: usize,
    end: Option<End>,
}

/// How a flight ended.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// What arrived is whole.
    Whole,
    /// This is the answer, for all to whom nothing was handed on yet.
    Kept(Arc<Entry>),
    Failed(Arc<FetchError>),
}

/// A place in a flight; whoever has it gives it up by dropping it.
pub(super) struct Seat<K> {
    flight: Arc<Flight>,
    sink: Sink<K>,
    /// True for who began it.
    leads: bool,
    moved: watch::Receiver<()>,
    has_head: bool,
    chunks: usize,
}

/// How a ride ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// The page has all that comes.
    There,
    /// What arrives is not for others than who began it.
    Alone,
    /// The flight broke off before any byte was handed on.
    Again,
}

enum Next {
    Send(Event),
    Last(Event),
    Leave(Arrival),
    Wait,
}

impl Flights {
    /// None; new ones begin while all hold less than `bytes`.
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            count: AtomicUsize::new(0),
            held_bytes: Arc::default(),
            most_bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        }
    }

    /// Holds the flights among which those of this name are.
    pub(super) fn part(&self, name: &Name) -> MutexGuard<'_, Part> {
        let at = usize::try_from(name.0.hash() >> 32).unwrap_or_default() % PARTS;
        self.parts[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more flight; false when there are too many.
    pub(super) fn admit(&self) -> bool {
        let admitted =
            self.count.fetch_add(1, Relaxed) < MOST_FLIGHTS && self.held_bytes.load(Relaxed) < self.most_bytes;
        if !admitted {
            self.count.fetch_sub(1, Relaxed);
        }
        admitted
    }

    /// Tells whether failures may be remembered: not while many flights are under way.
    pub(super) fn has_room(&self) -> bool {
        self.count.load(Relaxed) < MOST_FLIGHTS / 2
    }

    pub(super) fn dismiss(&self) {
        self.count.fetch_sub(1, Relaxed);
    }

    /// Takes `flight` out, so that nobody boards it any more.
    pub(super) fn remove(&self, flight: &Arc<Flight>) {
        take_out(&mut self.part(&flight.name), flight);
    }

    /// Takes `flight` out if nobody is aboard.
    pub(super) fn remove_deserted(&self, flight: &Arc<Flight>) -> bool {
        let mut part = self.part(&flight.name);
        if flight.aboard.load(Relaxed) > 0 {
            return false;
        }
        take_out(&mut part, flight);
        true
    }
}

fn take_out(part: &mut Part, flight: &Arc<Flight>) {
    if part.get(&flight.name).is_some_and(|known| Arc::ptr_eq(known, flight)) {
        part.remove(&flight.name);
    }
}

impl Flight {
    pub(super) fn new(flights: &Flights, name: Name, began: u64, is_second: bool) -> Arc<Self> {
        Arc::new(Self {
            name,
            began,
            is_second,
            held_bytes: Arc::clone(&flights.held_bytes),
            state: Mutex::default(),
            moved: watch::Sender::new(()),
            aboard: AtomicUsize::new(0),
            all_left: Notify::new(),
            taken: Notify::new(),
            was_late: AtomicBool::new(false),
        })
    }

    /// A place in it; called with the flights held, so that it isn't given up at this moment.
    pub(super) fn board<K>(self: &Arc<Self>, leads: bool, sink: Sink<K>) -> Seat<K> {
        self.aboard.fetch_add(1, Relaxed);
        Seat {
            flight: Arc::clone(self),
            sink,
            leads,
            moved: self.moved.subscribe(),
            has_head: false,
            chunks: 0,
        }
    }

    /// Tells whether what it brings may have been true only before a purge.
    pub(super) fn is_outdated(&self, log: &Log, entry_of: (&contract::AppVersion, &str)) -> bool {
        log.has_purged(entry_of.0, entry_of.1, None, self.began)
    }

    /// Why it failed.
    pub(super) fn failure(&self) -> Option<Arc<FetchError>> {
        match &self.state().end {
            Some(End::Failed(error)) => Some(Arc::clone(error)),
            _ => None,
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.state().is_shared
    }

    pub(super) fn was_late(&self) -> bool {
        self.was_late.load(Relaxed)
    }

    /// Waits until somebody leaves as the last one.
    pub(super) async fn all_left(&self) {
        self.all_left.notified().await;
    }

    pub(super) fn set_head(&self, head: ResponseHead, is_shared: bool, passes: bool) {
        let mut state = self.state();
        (state.head, state.is_shared, state.passes) = (Some(head), is_shared, passes);
        drop(state);
        self.moved.send_replace(());
    }

    pub(super) fn has_head(&self) -> bool {
        self.state().head.is_some()
    }

    pub(super) fn add(&self, chunk: Bytes) {
        let mut state = self.state();
        if state.passes {
            state.ahead_bytes += chunk.len();
        } else {
            self.held_bytes.fetch_add(chunk.len(), Relaxed);
        }
        state.chunks.push(chunk);
        drop(state);
        self.moved.send_replace(());
    }

    /// Tells whether it has much that the page, which alone it is for, hasn't taken.
    pub(super) fn is_ahead(&self) -> bool {
        self.state().ahead_bytes >= MOST_AHEAD_BYTES
    }

    /// Waits until it hasn't.
    pub(super) async fn caught_up(&self) {
        while self.is_ahead() {
            self.taken.notified().await;
        }
    }

    /// All that arrived, in memory of its own: a chunk may be a small part of a large buffer.
    pub(super) fn body(&self) -> Bytes {
        self.state().chunks.concat().into()
    }

    /// Ends it, once.
    pub(super) fn land(&self, end: End, is_shared: bool) {
        let mut state = self.state();
        if state.end.is_none() {
            state.is_shared |= is_shared;
            state.end = Some(end);
        }
        drop(state);
        self.moved.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + PartialEq> Seat<K> {
    /// The same place, for a page that has a head already.
    pub(super) fn after_head(self, has_head: bool) -> Self {
        let mut seat = self;
        seat.has_head = has_head;
        seat
    }

    pub(super) fn name(&self) -> &Name {
        &self.flight.name
    }

    pub(super) fn sink(&self) -> &Sink<K> {
        &self.sink
    }

    /// Tells whether the page has a head.
    pub(super) fn has_head(&self) -> bool {
        self.has_head
    }

    /// Tells the page that the flight failed.
    pub(super) fn fail(&self) {
        if let Some(error) = self.flight.failure() {
            self.sink.push(Event::Failed(FetchError::Shared(error)));
        }
    }

    /// Tells whether nobody else waits for what this seat does.
    pub(super) fn is_last(&self) -> bool {
        self.flight.aboard.load(Relaxed) <= 1
    }

    /// Why the ride came to nothing, for a page that didn't begin it: who did has had it counted.
    pub(super) fn shared_failure(&self) -> Option<Arc<FetchError>> {
        self.flight.failure().filter(|_| !self.leads)
    }

    /// Hands on what arrives, as it does.
    pub(super) async fn ride(&mut self) -> Arrival {
        loop {
            self.moved.borrow_and_update();
            let sent = match self.next() {
                Next::Send(event) => self.sink.send(event).await,
                Next::Last(event) => {
                    let _ = self.sink.send(event).await;
                    return Arrival::There;
                }
                Next::Leave(arrival) => return arrival,
                Next::Wait => {
                    // The flight holds the sender for as long as this seat holds the flight.
                    let _ = self.moved.changed().await;
                    Ok(())
                }
            };
            if sent.is_err() {
                return Arrival::There;
            }
        }
    }

    fn next(&mut self) -> Next {
        let mut state = self.flight.state();
        let is_ours = state.is_shared || self.leads;
        if !is_ours && (state.head.is_some() || matches!(state.end, Some(End::Kept(_)))) {
            return Next::Leave(Arrival::Alone);
        }
        match &state.end {
            Some(End::Kept(entry)) if !self.has_head || state.head.is_none() => {
                return Next::Last(Event::Kept(Arc::clone(entry)));
            }
            Some(End::Failed(error)) if self.chunks == state.chunks.len() => {
                let broke_off = matches!(**error, FetchError::Cut(_) | FetchError::Stopped);
                if self.chunks == 0 && broke_off && !self.flight.is_second {
                    return Next::Leave(Arrival::Again);
                }
                return Next::Last(Event::Failed(FetchError::Shared(Arc::clone(error))));
            }
            _ => {}
        }
        let Some(head) = &state.head else { return Next::Wait };
        if !mem::replace(&mut self.has_head, true) {
            return Next::Send(Event::Head(head.clone()));
        }
        let passes = state.passes;
        if let Some(chunk) = state.chunks.get_mut(self.chunks) {
            self.chunks += 1;
            if !passes {
                return Next::Send(Event::Chunk(chunk.clone()));
            }
            let chunk = mem::take(chunk);
            state.ahead_bytes -= chunk.len();
            self.flight.taken.notify_one();
            return Next::Send(Event::Chunk(chunk));
        }
        match state.end {
            Some(_) => Next::Last(Event::End),
            None => Next::Wait,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let state = self.state();
        let held = state.chunks.iter().filter(|_| !state.passes).map(Bytes::len).sum();
        self.held_bytes.fetch_sub(held, Relaxed);
    }
}

impl<K> Drop for Seat<K> {
    fn drop(&mut self) {
        if self.sink.is_over() {
            self.flight.was_late.store(true, Relaxed);
        }
        if self.flight.aboard.fetch_sub(1, Relaxed) == 1 {
            self.flight.all_left.notify_one();
        }
    }
}
