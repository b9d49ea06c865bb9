//! One page under way: its slots, their fetches, and what has arrived of them.

mod arrive;
mod early;

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use composer_fetch::{Entry, Event, PageFetches, ResponseHead, Upstreams, Visit};
use composer_page::{Counts, HeadText, Offered, Outcome, PageContext, Plan, SlotId, Step, Stitcher};
use contract::{FragmentId, Role};
use http::HeaderValue;
use tokio::{task::yield_now, time::Instant};
use tracing::warn;

use self::early::Early;
use super::{
    due::Due,
    failure::{PageError, SlotError},
    outgoing::Text,
    patience::Patience,
    timing::{self, Timing},
};
use crate::live::View;

/// So often everything else that is ready goes first, before less than a full frame is written: a microsecond each when
/// nothing is, and fewer writes when much is.
pub(super) const TURNS: u8 = 4;

/// When this much has arrived, the page's head doesn't wait for more of it.
const ENOUGH_BYTES: usize = 32 << 10;

/// A page under way.
pub(crate) struct Page {
    stitcher: Stitcher,
    fetches: PageFetches<SlotId>,
    upstreams: Arc<Upstreams>,
    begun: Instant,
    due: Due,
    patience: Patience,
    request_id: String,
    slots: Vec<Option<Slot>>,
    primary: Option<ResponseHead>,
    early: Option<Early>,
    /// The first bytes, found when the page proved to have a head, or was looked at as a whole.
    first: VecDeque<Text>,
    /// The parts, as long as each of them came from the cache.
    kept: Option<Vec<Arc<Entry>>>,
    /// What fragments have sent, but for what was kept.
    arrived_bytes: usize,
    /// True when its slots tell what the inspector shows.
    is_inspected: bool,
    /// True when the page's time is over: nothing is fetched or waited for any more.
    over: bool,
}

struct Slot {
    fragment: FragmentId,
    role: Role,
    state: State,
    timing: Timing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Asked,
    HeadIn,
    Begun,
    Ended,
}

/// A slot that failed.
struct Failure {
    fragment: FragmentId,
    role: Role,
    error: SlotError,
}

/// What a page's body does next.
pub(super) enum Next {
    Text(Text),
    Wait,
    Done,
}

impl Page {
    /// Begins a page: everything that is known to be needed is asked for at once.
    pub(crate) fn begin(view: &View, plan: Plan, visit: Visit, context: PageContext) -> Self {
        let due = Due::after(plan.deadline());
        let request_id = context.request_id.clone();
        let is_inspected = context.inspector != Offered::No;
        let (stitcher, fetches) = Stitcher::new(plan, context);
        let mut page = Self {
            stitcher,
            fetches: PageFetches::new(visit, Arc::clone(&view.cache)),
            upstreams: Arc::clone(&view.upstreams),
            begun: Instant::now(),
            due,
            patience: Patience::Endless,
            request_id,
            slots: Vec::with_capacity(fetches.len()),
            primary: None,
            early: None,
            first: VecDeque::new(),
            kept: Some(vec![]),
            arrived_bytes: 0,
            is_inspected,
            over: false,
        };
        page.fetch(fetches);
        page
    }

    /// The same page, which goes on without a slot in its place that isn't there so long after the page's head.
    pub(crate) fn with_patience(mut self, limit: Duration) -> Self {
        self.patience = Patience::Before(limit);
        self
    }

    /// The same page of `host`, whose head waits for nothing, if `is_early`.
    pub(crate) fn flushing(mut self, is_early: bool, host: &str) -> Self {
        self.early = is_early.then(|| Early::new(host));
        self
    }

    /// Waits until the page can be begun: its own fragment and every essential one has sent a head, and there are bytes.
    ///
    /// # Errors
    /// When one of these fails first, or the page's time is over.
    pub(crate) async fn head(&mut self) -> Result<ResponseHead, PageError> {
        if self.early.is_some()
            && let Some(head) = self.early_head().await?
        {
            return Ok(head);
        }
        loop {
            if self.can_begin()
                && let Some(head) = self.primary.take()
            {
                if !head.status.is_redirection() {
                    self.give_way().await;
                    self.patience.begin();
                }
                return Ok(head);
            }
            let (slot, event) = self.event().await?;
            match self.take(slot, event) {
                Some(failure) if failure.role != Role::Optional => return Err(failure.into()),
                Some(failure) => self.note(&failure),
                None => {}
            }
        }
    }

    /// Asks for the slots found in the first bytes, then lets all else that is ready have its turn: what arrives meanwhile
    /// goes out with the head. A fragment that sends faster than this takes is read at the browser's pace from here on.
    async fn give_way(&mut self) {
        let mut turns = TURNS;
        let enough = self.arrived_bytes + ENOUGH_BYTES;
        poll_fn(|cx| {
            while !self.over && self.arrived_bytes < enough && self.poll_arrival(cx).is_ready() {}
            if self.over || turns == 0 || self.arrived_bytes >= enough {
                return Poll::Ready(());
            }
            turns -= 1;
            pin!(yield_now()).poll(cx)
        })
        .await;
    }

    fn can_begin(&mut self) -> bool {
        let Some(primary) = &self.primary else { return false };
        if primary.status.is_redirection() {
            return true;
        }
        let undecided = |slot: &Slot| slot.role == Role::Essential && slot.state == State::Asked;
        if self.slots.iter().flatten().any(undecided) {
            return false;
        }
        match self.stitcher.next() {
            Step::Emit(bytes) => {
                self.first.push_back(Text::Live(bytes));
                true
            }
            Step::Keep(piece) => {
                self.first.push_back(Text::Kept(piece));
                true
            }
            Step::Done => true,
            Step::Need(_) => false,
        }
    }

    async fn event(&mut self) -> Result<(SlotId, Event), PageError> {
        poll_fn(|cx| match self.fetches.poll_next(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(Ok(event)),
            Poll::Ready(None) => Poll::Ready(Err(PageError::Headless)),
            Poll::Pending => {
                let limit = self.due.limit();
                let paused = self.fetches.paused();
                self.due.poll(cx, paused).map(|()| {
                    self.fetches.end();
                    Err(PageError::Deadline { limit })
                })
            }
        })
        .await
    }

    /// The next step of a page whose head is out, without waiting.
    pub(super) fn step(&mut self) -> Next {
        if let Some(text) = self.first.pop_front() {
            return Next::Text(text);
        }
        loop {
            match self.stitcher.next() {
                Step::Emit(bytes) => return Next::Text(Text::Live(bytes)),
                Step::Keep(piece) => return Next::Text(Text::Kept(piece)),
                Step::Done => return Next::Done,
                Step::Need(slot) if self.over => {
                    self.kept = None;
                    let found = self.stitcher.close(slot, Outcome::Failed);
                    self.fetch(found);
                }
                Step::Need(slot) if self.patience.is_over() && self.stitcher.overtake(slot) => {
                    // Its names and its script are of this response only.
                    self.kept = None;
                }
                Step::Need(_) => return Next::Wait,
            }
        }
    }

    /// A page that is whole already because each of its parts came from the cache: its head, what follows it, its parts.
    pub(crate) fn whole(&mut self) -> Option<(HeadText, Vec<Bytes>, Vec<Arc<Entry>>)> {
        self.kept.as_ref()?;
        let mut cx = Context::from_waker(Waker::noop());
        let mut seen = mem::take(&mut self.first);
        let is_done = loop {
            match self.step() {
                Next::Text(text) => seen.push_back(text),
                Next::Done => break true,
                Next::Wait if self.kept.is_some() && self.poll_arrival(&mut cx).is_ready() => {}
                Next::Wait => break false,
            }
        };
        let head = self.stitcher.head().filter(|_| is_done).cloned();
        let (Some(head), Some(parts)) = (head, &self.kept) else {
            self.first = seen;
            return None;
        };
        let parts = parts.clone();
        let rest = seen.iter().skip(1).map(|text| text.bytes().clone()).collect();
        self.first = seen;
        Some((head, rest, parts))
    }

    /// Waits for whatever arrives next, or for the end of the page's time.
    pub(super) fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.fetches.poll_next(cx) {
            Poll::Ready(Some((slot, event))) => {
                if let Some(failure) = self.take(slot, event) {
                    self.note(&failure);
                }
                Poll::Ready(())
            }
            Poll::Ready(None) => {
                self.over = true;
                Poll::Ready(())
            }
            Poll::Pending if self.patience.poll(cx).is_ready() => Poll::Ready(()),
            Poll::Pending => {
                let paused = self.fetches.paused();
                self.due.poll(cx, paused).map(|()| self.run_out())
            }
        }
    }

    /// The browser has bytes to take: until it comes back for more, that is its time and no fetch's.
    pub(super) fn pause(&mut self) {
        self.fetches.pause();
    }

    /// What the slots showed until now.
    pub(crate) fn counts(&self) -> Counts {
        self.stitcher.counts()
    }

    /// What each slot took that is there by now: the page's head goes out.
    pub(crate) fn timing_at_head(&mut self) -> Option<HeaderValue> {
        let slots = self.slots.iter_mut().flatten();
        timing::at_head(
            timing::micros(self.begun),
            slots.map(|slot| (&slot.fragment, &mut slot.timing)),
        )
    }

    /// What the others took.
    pub(super) fn timing_at_end(&self) -> Option<HeaderValue> {
        timing::at_end(self.slots.iter().flatten().map(|slot| (&slot.fragment, &slot.timing)))
    }

    fn run_out(&mut self) {
        let unfinished = self.slots.iter().flatten().filter(|slot| slot.state != State::Ended);
        let unfinished: Vec<String> = unfinished.map(|slot| slot.fragment.to_string()).collect();
        warn!(
            request.id = self.request_id,
            limit_ms = self.due.limit().as_millis(),
            unfinished = unfinished.join(" "),
            "page ran out of time"
        );
        self.fetches.end();
        self.over = true;
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self::Fragment {
            fragment: failure.fragment,
            role: failure.role,
            source: failure.error,
        }
    }
}
