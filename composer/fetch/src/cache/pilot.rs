//! Flies one flight, in a task of its own: asks the BFF, hands on what it says, keeps what may be kept.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::{Duration, SystemTime},
};

use composer_page::Kept;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::time::{Instant, sleep};

use super::{
    Cache,
    flight::{End, Flight},
};
use crate::{
    Entry, Event, FetchError, FragmentRequest, ResponseHead, Visit,
    entry::Origin,
    events::{Events, Sink},
    freshness::Freshness,
    policy, tags,
};

/// For so long a failure is remembered: a crowd must not run to a BFF that has just failed.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// All that a flight needs.
pub(super) struct Pilot {
    pub(super) cache: Arc<Cache>,
    pub(super) flight: Arc<Flight>,
    pub(super) request: FragmentRequest,
    pub(super) visit: Arc<Visit>,
    /// What was kept until now, and has to be asked about.
    pub(super) stale: Option<Arc<Entry>>,
    /// True when a page was shown `stale`, and nobody waits.
    pub(super) is_refresh: bool,
}

/// An answer that may be kept, as far as it is here.
struct Keeping {
    head: ResponseHead,
    freshness: Freshness,
    tags: Box<[Box<str>]>,
}

impl Pilot {
    /// Flies to the end.
    pub(super) async fn fly(self) {
        let landing = Landing {
            cache: Arc::clone(&self.cache),
            flight: Arc::clone(&self.flight),
            stale: self.stale.clone(),
        };
        let (end, is_shared) = self.go().await;
        // What was never kept fails for each visit by itself, and is counted so; the breaker looks after its BFF.
        let known = self.request.upstream.known(&self.request.fragment.fragment);
        let pauses = matches!(&end, End::Failed(error) if error.is_worth_a_pause())
            && known.habit.keeps()
            && self.cache.flights.has_room();
        if matches!(&end, End::Failed(error) if error.is_outage()) {
            self.end_refresh(Some(Instant::now()));
        }
        self.flight.land(end, is_shared);
        if pauses {
            sleep(PAUSE).await;
        }
        drop(landing);
    }

    async fn go(&self) -> (End, bool) {
        let asked = Instant::now();
        let events = Arc::new(Events::default());
        let visit = match &self.stale {
            Some(entry) if !entry.validators().is_empty() => Arc::new(self.visit.asking_about(entry.validators())),
            _ => Arc::clone(&self.visit),
        };
        let sink = Sink::new((), Arc::clone(&events));
        let mut run = pin!(policy::run(self.request.clone(), visit, sink));
        let (mut keeping, mut unmodified) = (None, None);
        loop {
            let event = tokio::select! {
                biased;
                event = self.next(run.as_mut(), &events) => event,
                () = self.deserted() => {
                    if self.flight.was_late() {
                        events.end();
                    }
                    return (End::Failed(Arc::new(FetchError::Stopped)), false);
                }
            };
            match event {
                Event::Head(head) if head.status == StatusCode::NOT_MODIFIED => unmodified = Some(head.headers),
                Event::Head(head) => keeping = self.begin(head),
                // Nobody is there for what a refresh brings that isn't kept.
                Event::Chunk(_) if keeping.is_none() && self.is_refresh => {}
                Event::Chunk(chunk) => self.flight.add(chunk),
                Event::End => {
                    return match unmodified {
                        Some(headers) => self.unmodified(&headers, asked),
                        None => self.whole(keeping, asked),
                    };
                }
                Event::Failed(error) => return self.failed(error),
                Event::Kept(_) => {}
            }
        }
    }

    /// The next event; not before the one page that an answer is for has taken what came before. The fetch isn't charged for
    /// that time.
    async fn next(&self, run: Pin<&mut impl Future<Output = ()>>, events: &Events<()>) -> Event {
        if self.flight.is_ahead() {
            let since = Instant::now();
            self.flight.caught_up().await;
            events.pauses().add(since.elapsed());
        }
        next(run, events).await
    }

    /// Ends when nobody is aboard, and what arrives is for nobody else.
    async fn deserted(&self) {
        loop {
            self.flight.all_left().await;
            let is_wanted = self.is_refresh || self.flight.is_shared();
            if !is_wanted && self.cache.flights.remove_deserted(&self.flight) {
                return;
            }
        }
    }

    fn begin(&self, head: ResponseHead) -> Option<Keeping> {
        let keeping = self.judge(&head);
        if head.status == StatusCode::OK {
            let known = self.request.upstream.known(&self.request.fragment.fragment);
            known.habit.learn(keeping.is_some());
        }
        if keeping.is_none() {
            // The BFF says something else now, and that it isn't to be kept.
            self.forget_stale();
        }
        let is_shared = keeping
            .as_ref()
            .is_some_and(|keeping| keeping.freshness.is_for_others());
        if !is_shared {
            self.cache.flights.remove(&self.flight);
        }
        self.flight.set_head(head, is_shared, keeping.is_none());
        keeping
    }

    fn judge(&self, head: &ResponseHead) -> Option<Keeping> {
        let freshness = Freshness::of(head, SystemTime::now()).ok()?;
        Some(Keeping {
            freshness,
            tags: tags::of(&head.headers)?,
            head: head.clone(),
        })
    }

    fn whole(&self, keeping: Option<Keeping>, asked: Instant) -> (End, bool) {
        let Some(keeping) = keeping else {
            return (End::Whole, false);
        };
        let body = self.flight.body();
        let is_shared = keeping.freshness.is_for_others();
        let entry = self.keep(keeping, Arc::new(Kept::new(body)), asked);
        let end = if is_shared { End::Kept(entry) } else { End::Whole };
        (end, is_shared)
    }

    /// What was kept counts again, or for this once.
    fn unmodified(&self, headers: &HeaderMap, asked: Instant) -> (End, bool) {
        let Some(stale) = &self.stale else {
            return (
                End::Failed(Arc::new(FetchError::Status(StatusCode::NOT_MODIFIED))),
                false,
            );
        };
        let head = stale.head_after(headers);
        let Some(keeping) = self.judge(&head) else {
            self.forget_stale();
            return (End::Kept(Arc::clone(stale)), false);
        };
        let is_shared = keeping.freshness.is_for_others();
        let entry = self.keep(keeping, Arc::clone(&stale.kept), asked);
        (End::Kept(entry), is_shared)
    }

    fn keep(&self, keeping: Keeping, kept: Arc<Kept>, asked: Instant) -> Arc<Entry> {
        let origin = Origin {
            key: self.flight.name.0.clone(),
            app: self.request.upstream.app().clone(),
            path: self.request.path.as_str().into(),
        };
        let headers = compact(&keeping.head.headers, kept.raw().len());
        let head = ResponseHead {
            status: keeping.head.status,
            headers,
        };
        let entry = Entry::new(origin, (head, kept, keeping.tags), keeping.freshness, asked);
        let entry = Arc::new(entry);
        self.cache.keep(&entry, self.flight.began);
        entry
    }

    fn failed(&self, error: FetchError) -> (End, bool) {
        let now = Instant::now();
        let stale = self.stale.as_ref().filter(|entry| {
            let is_usable = entry.is_current() && entry.is_usable_on_error(now);
            is_usable && error.is_outage() && !self.flight.has_head()
        });
        match stale {
            Some(entry) => {
                entry.end_refresh(Some(now));
                self.cache.counts.stale();
                (End::Kept(Arc::clone(entry)), true)
            }
            None => {
                if !error.is_outage() {
                    self.forget_stale();
                }
                (End::Failed(Arc::new(error)), false)
            }
        }
    }

    fn forget_stale(&self) {
        if let Some(stale) = &self.stale {
            self.cache.forget(stale);
        }
    }

    fn end_refresh(&self, failed_at: Option<Instant>) {
        if let Some(stale) = &self.stale {
            stale.end_refresh(failed_at);
        }
    }
}

/// Lands a flight whatever becomes of its task.
struct Landing {
    cache: Arc<Cache>,
    flight: Arc<Flight>,
    stale: Option<Arc<Entry>>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flight.land(End::Failed(Arc::new(FetchError::Stopped)), false);
        self.cache.flights.remove(&self.flight);
        self.cache.flights.dismiss();
        if let Some(stale) = &self.stale {
            stale.end_refresh(None);
        }
    }
}

/// The next event of a fetch that this task alone drives.
async fn next(mut run: Pin<&mut impl Future<Output = ()>>, events: &Events<()>) -> Event {
    poll_fn(|cx| {
        loop {
            if let Some((_, event)) = events.pop() {
                return Poll::Ready(event);
            }
            match run.as_mut().poll(cx) {
                // Its last event is taken before it is polled again.
                Poll::Ready(()) => {}
                Poll::Pending if events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    })
    .await
}

/// The headers of a kept answer, each in memory of its own: those that came are parts of the buffer that was read.
fn compact(headers: &HeaderMap, body_bytes: usize) -> HeaderMap {
    let mut own = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !is_of_connection(name)) {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            own.append(name, value);
        }
    }
    own.insert(header::CONTENT_LENGTH, HeaderValue::from(body_bytes));
    own
}

fn is_of_connection(name: &HeaderName) -> bool {
    let named = [
        header::CONNECTION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    named.contains(name) || name == "keep-alive" || name.as_str().starts_with("proxy-")
}
