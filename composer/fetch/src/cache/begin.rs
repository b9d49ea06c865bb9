//! Begins a fetch: what is kept is shown at once, what others wait for is waited for, all else is asked for.

use std::{cell::RefCell, pin::Pin, sync::Arc};

use contract::Role;
use tokio::{runtime::Handle, time::Instant};

use super::{
    Cache,
    flight::{Arrival, Flight, Name, Seat},
    pilot::{PAUSE, Pilot},
};
use crate::{
    Entry, Event, FetchError, FragmentRequest, Visit, entry::Use, events::Sink, key::KeyRef, numbers::Verdict, policy,
};

/// A fetch that its page drives.
pub(crate) type Fetching = Pin<Box<dyn Future<Output = ()> + Send>>;

thread_local! {
    /// Where keys are written before they are looked for.
    static KEY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is known of an answer before anybody is asked.
enum Found {
    Shown(Arc<Entry>),
    /// Shown, and to be asked for anew meanwhile.
    Due(Arc<Entry>),
    /// The answer that is kept doesn't count any more.
    Stale(Arc<Entry>),
    Nothing,
}

/// How an answer is got that isn't kept.
enum Way<K> {
    Shown(Event),
    Seat(Seat<K>),
    Alone,
}

impl Cache {
    /// Begins a fetch whose events go to `sink`; `None` when all of them are there already.
    pub(crate) fn begin<K>(
        self: &Arc<Self>,
        request: FragmentRequest,
        visit: &Arc<Visit>,
        sink: Sink<K>,
    ) -> Option<Fetching>
    where
        K: Copy + PartialEq + Send + Sync + 'static,
    {
        let known = request.upstream.known(&request.fragment.fragment);
        if self.bytes == 0 || visit.is_authorized(&known.sees) {
            return Some(Box::pin(policy::run(request, Arc::clone(visit), sink)));
        }
        if known.habit.passes() {
            let sink = sink.teaching(&known.habit);
            return Some(Box::pin(policy::run(request, Arc::clone(visit), sink)));
        }
        let (found, key) = KEY.with_borrow_mut(|bytes| {
            bytes.clear();
            request.push_key(visit, bytes);
            let key = KeyRef {
                hash: self.hash(bytes),
                bytes,
            };
            match self.find(key, Instant::now()) {
                found @ (Found::Shown(_) | Found::Due(_)) => (found, None),
                found => (found, Some(key.to_key())),
            }
        });
        let stale = match found {
            Found::Shown(entry) => {
                sink.push(Event::Kept(entry));
                return None;
            }
            Found::Due(entry) => {
                self.refresh(&entry, request, visit);
                sink.push(Event::Kept(entry));
                return None;
            }
            Found::Stale(entry) => Some(entry),
            Found::Nothing => None,
        };
        let name = (key?, request.role == Role::Primary);
        match self.way(name, &request, visit, sink.clone(), stale) {
            Way::Shown(event) => {
                sink.push(event);
                None
            }
            Way::Seat(seat) => Some(Box::pin(Arc::clone(self).ride(seat, request, Arc::clone(visit)))),
            Way::Alone => Some(Box::pin(policy::run(request, Arc::clone(visit), sink))),
        }
    }

    /// Looks for a kept answer that may be shown now.
    fn find(&self, key: KeyRef<'_>, now: Instant) -> Found {
        let Some(slot) = self.store.get(key).filter(|slot| slot.entry.is_current()) else {
            return Found::Nothing;
        };
        let entry = slot.entry;
        let mut is_due = false;
        match entry.usable(now) {
            Use::Fresh => self.counts.hit(),
            Use::WhileRevalidating => {
                self.counts.stale();
                is_due = entry.claim_refresh(now, PAUSE);
            }
            Use::IfError if entry.has_failed_since(now.checked_sub(PAUSE)) => self.counts.stale(),
            Use::IfError | Use::Never => return Found::Stale(entry),
        }
        if entry.note_use() && entry.weight() > slot.weight {
            self.weigh(&entry);
        }
        if is_due {
            return Found::Due(entry);
        }
        Found::Shown(entry)
    }

    /// What a flight has brought that landed a moment ago.
    fn find_landed(&self, name: &Name) -> Option<Arc<Entry>> {
        match self.find(name.0.as_ref(), Instant::now()) {
            Found::Shown(entry) => Some(entry),
            Found::Due(entry) => {
                // The next one asks anew.
                entry.end_refresh(None);
                Some(entry)
            }
            Found::Stale(_) | Found::Nothing => None,
        }
    }

    /// The way to an answer that isn't kept: the flight that goes there, or a new one.
    fn way<K: Copy + PartialEq>(
        self: &Arc<Self>,
        name: Name,
        request: &FragmentRequest,
        visit: &Arc<Visit>,
        sink: Sink<K>,
        stale: Option<Arc<Entry>>,
    ) -> Way<K> {
        let of = (request.upstream.app(), request.path.as_str());
        let Ok(runtime) = Handle::try_current() else {
            return Way::Alone;
        };
        let mut part = self.flights.part(&name);
        if let Some(flight) = part.get(&name).filter(|flight| !flight.is_outdated(&self.log, of)) {
            if let Some(error) = flight.failure() {
                count_failure(request, &error);
                return Way::Shown(Event::Failed(FetchError::Shared(error)));
            }
            self.counts.coalesced();
            return Way::Seat(flight.board(false, sink));
        }
        // One that landed a moment ago has put its answer in before it left.
        if let Some(entry) = self.find_landed(&name) {
            return Way::Shown(Event::Kept(entry));
        }
        if !self.flights.admit() {
            return Way::Alone;
        }
        self.counts.missed();
        let flight = Flight::new(&self.flights, name.clone(), self.log.now(), false);
        let seat = flight.board(true, sink);
        part.insert(name, Arc::clone(&flight));
        drop(part);
        runtime.spawn(self.pilot(flight, request.clone(), visit, stale, false).fly());
        Way::Seat(seat)
    }

    /// Rides to the end; a flight that brings nothing for this page is left, one that broke off is flown once more.
    async fn ride<K: Copy + PartialEq>(
        self: Arc<Self>,
        mut seat: Seat<K>,
        request: FragmentRequest,
        visit: Arc<Visit>,
    ) {
        let begun = Instant::now();
        let left = |request: &FragmentRequest| FragmentRequest {
            deadline: request.deadline.saturating_sub(begun.elapsed()),
            ..request.clone()
        };
        let mut arrival = seat.ride().await;
        if arrival == Arrival::Again {
            let (sink, has_head) = (seat.sink().clone(), seat.has_head());
            arrival = Arrival::There;
            match self.once_more(&seat, &left(&request), &visit, sink.clone()) {
                Way::Shown(event) => {
                    sink.push(event);
                    return;
                }
                Way::Seat(second) => {
                    seat = second.after_head(has_head);
                    arrival = seat.ride().await;
                }
                Way::Alone => seat.fail(),
            }
        }
        if let Some(error) = seat.shared_failure() {
            count_failure(&request, &error);
        }
        if arrival != Arrival::There {
            let sink = seat.sink().clone();
            drop(seat);
            policy::run(left(&request), visit, sink).await;
        }
    }

    /// A seat in the second flight, which the first who wants it begins, or what that one brought. A page that is alone has
    /// had its fetch.
    fn once_more<K: Copy + PartialEq>(
        self: &Arc<Self>,
        first: &Seat<K>,
        request: &FragmentRequest,
        visit: &Arc<Visit>,
        sink: Sink<K>,
    ) -> Way<K> {
        let name = first.name().clone();
        let mut part = self.flights.part(&name);
        if let Some(flight) = part.get(&name).filter(|flight| flight.is_second) {
            return Way::Seat(flight.board(false, sink));
        }
        if let Some(entry) = self.find_landed(&name) {
            return Way::Shown(Event::Kept(entry));
        }
        if first.is_last() || !self.flights.admit() {
            return Way::Alone;
        }
        let flight = Flight::new(&self.flights, name.clone(), self.log.now(), true);
        let seat = flight.board(true, sink);
        part.insert(name, Arc::clone(&flight));
        drop(part);
        Handle::current().spawn(self.pilot(flight, request.clone(), visit, None, false).fly());
        Way::Seat(seat)
    }

    /// Asks anew for an answer that is shown meanwhile.
    fn refresh(self: &Arc<Self>, entry: &Arc<Entry>, request: FragmentRequest, visit: &Arc<Visit>) {
        let name: Name = (entry.origin.key.clone(), request.role == Role::Primary);
        let admitted = Handle::try_current().ok().filter(|_| self.flights.admit());
        let Some(runtime) = admitted else {
            entry.end_refresh(None);
            return;
        };
        let flight = Flight::new(&self.flights, name.clone(), self.log.now(), false);
        self.flights.part(&name).insert(name, Arc::clone(&flight));
        runtime.spawn(self.pilot(flight, request, visit, Some(Arc::clone(entry)), true).fly());
    }

    fn pilot(
        self: &Arc<Self>,
        flight: Arc<Flight>,
        request: FragmentRequest,
        visit: &Arc<Visit>,
        stale: Option<Arc<Entry>>,
        is_refresh: bool,
    ) -> Pilot {
        Pilot {
            cache: Arc::clone(self),
            flight,
            request,
            visit: Arc::clone(visit),
            stale,
            is_refresh,
        }
    }
}

/// A failure counts for each page that it was one for, whether or not the BFF was asked again.
fn count_failure(request: &FragmentRequest, error: &FetchError) {
    if let Some(verdict) = Verdict::of_fetch(Err(error)) {
        request.upstream.count(verdict);
    }
}
