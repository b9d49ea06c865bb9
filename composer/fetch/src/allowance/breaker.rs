//! Leaves a version alone that mostly fails: opens by its last outcomes, lets one fetch at a time try, closes by its success.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::window::Window;
use crate::{BreakerConfig, text::short};

/// What is older is not told any more.
const TOLD_FOR: Duration = Duration::from_secs(300);

/// One for each version.
#[derive(Debug)]
pub(crate) struct Breaker {
    config: BreakerConfig,
    born: Instant,
    /// Grows with every change; odd while it is open. All that a fetch looks at when all is well.
    turns: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    window: Window,
    open: Option<Open>,
    last_error: Option<(Instant, String)>,
    is_used: bool,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    next_try: Instant,
    /// Tries that failed.
    tried: u32,
    /// The number of the last try.
    probe: u32,
    is_trying: bool,
    failed: u32,
    of: u32,
}

/// A fetch that may begin; to be settled by what came of it, or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    turns: u64,
    /// The number of a try, when it is one.
    probe: Option<u32>,
}

/// What an outcome has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Opened {
        failed: u32,
        of: u32,
    },
    /// A try failed.
    StaysOpen,
    Closed {
        after: Duration,
    },
}

/// Whether fragments are fetched from a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    Closed,
    /// They are not: each fetch fails at once.
    Open,
    /// One is, to see whether it works again.
    HalfOpen,
}

/// A breaker as status pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerView {
    /// How it is.
    pub state: BreakerState,
    /// For how long it has been open.
    pub open_for: Option<Duration>,
    /// When the next fetch may try the version.
    pub next_try: Option<Duration>,
    /// Of the last fetches so many failed; while it is open, of those that opened it.
    pub failed: u32,
    /// So many were counted.
    pub of: u32,
    /// What went wrong last, if that was in the last five minutes.
    pub last_error: Option<String>,
    /// True when anything was ever fetched.
    pub is_used: bool,
}

impl Breaker {
    pub(crate) fn new(config: &BreakerConfig) -> Self {
        Self {
            config: config.clone(),
            born: Instant::now(),
            turns: AtomicU64::new(0),
            inner: Mutex::new(Inner {
                window: Window::new(),
                open: None,
                last_error: None,
                is_used: false,
            }),
        }
    }

    /// Asks whether a fetch may begin.
    ///
    /// # Errors
    /// When it may not: how long it takes until one may.
    pub(crate) fn enter(&self, now: Instant) -> Result<Pass, Duration> {
        let turns = self.turns.load(Relaxed);
        if is_closed(turns) {
            return Ok(Pass { turns, probe: None });
        }
        self.try_open(now)
    }

    #[cold]
    fn try_open(&self, now: Instant) -> Result<Pass, Duration> {
        let mut inner = self.inner();
        let turns = self.turns.load(Relaxed);
        let Some(open) = &mut inner.open else {
            return Ok(Pass { turns, probe: None });
        };
        let wait = open.next_try.saturating_duration_since(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        // A try that hangs keeps nobody from the next one.
        open.next_try = now + self.lasts(open.tried);
        open.probe = open.probe.wrapping_add(1);
        open.is_trying = true;
        let probe = Some(open.probe);
        Ok(Pass { turns, probe })
    }

    /// Takes what came of a fetch: `Ok` when the version answered well.
    pub(crate) fn settle(
        &self,
        pass: Pass,
        now: Instant,
        result: Result<(), impl FnOnce() -> String>,
    ) -> Option<Change> {
        let mut inner = self.inner();
        // What began before the last change says nothing about the time after it.
        if self.turns.load(Relaxed) != pass.turns {
            return None;
        }
        inner.is_used = true;
        let failed = result.is_err();
        if let Err(why) = result {
            inner.last_error = Some((now, short(why())));
        }
        let now_ms = self.millis(now);
        match (pass.probe, failed) {
            (Some(probe), true) => inner.open.as_mut().filter(|open| open.probe == probe).map(|open| {
                open.tried = open.tried.saturating_add(1);
                open.next_try = now + self.lasts(open.tried);
                open.is_trying = false;
                Change::StaysOpen
            }),
            (Some(_), false) => inner.open.take().map(|open| {
                inner.window = Window::new();
                inner.window.push(now_ms, false);
                self.turns.store(pass.turns + 1, Relaxed);
                let after = now.saturating_duration_since(open.since);
                Change::Closed { after }
            }),
            (None, failed) => {
                inner.window.push(now_ms, failed);
                (failed && inner.window.is_broken(now_ms, self.config.failures_percent))
                    .then(|| self.open(&mut inner, now))
            }
        }
    }

    fn open(&self, inner: &mut Inner, now: Instant) -> Change {
        let (failed, of) = inner.window.count(self.millis(now));
        inner.open = Some(Open {
            since: now,
            next_try: now + self.lasts(0),
            tried: 0,
            probe: 0,
            is_trying: false,
            failed,
            of,
        });
        self.turns.fetch_add(1, Relaxed);
        Change::Opened { failed, of }
    }

    /// Nothing came of a fetch: when it was a try, another may begin at once.
    pub(crate) fn give_back(&self, pass: Pass, now: Instant) {
        let Some(probe) = pass.probe else { return };
        if let Some(open) = &mut self.inner().open
            && open.probe == probe
        {
            open.is_trying = false;
            open.next_try = open.next_try.min(now);
        }
    }

    /// Something says that the version may work again: the next fetch tries.
    pub(crate) fn nudge(&self, now: Instant) {
        if is_closed(self.turns.load(Relaxed)) {
            return;
        }
        if let Some(open) = &mut self.inner().open {
            open.tried = 0;
            open.next_try = open.next_try.min(now);
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !is_closed(self.turns.load(Relaxed))
    }

    pub(crate) fn view(&self, now: Instant) -> BreakerView {
        let mut inner = self.inner();
        let (failed, of) = match &inner.open {
            Some(open) => (open.failed, open.of),
            None => inner.window.count(self.millis(now)),
        };
        let open = inner.open.as_ref();
        let told = inner.last_error.as_ref();
        BreakerView {
            state: match open {
                None => BreakerState::Closed,
                Some(open) if open.is_trying => BreakerState::HalfOpen,
                Some(_) => BreakerState::Open,
            },
            open_for: open.map(|open| now.saturating_duration_since(open.since)),
            next_try: open.map(|open| open.next_try.saturating_duration_since(now)),
            failed,
            of,
            last_error: told
                .filter(|(at, _)| now.saturating_duration_since(*at) < TOLD_FOR)
                .map(|(_, text)| text.clone()),
            is_used: inner.is_used,
        }
    }

    fn lasts(&self, tried: u32) -> Duration {
        let doubled = 1_u32.checked_shl(tried).unwrap_or(u32::MAX);
        self.config
            .open_first
            .saturating_mul(doubled)
            .min(self.config.open_longest)
    }

    fn millis(&self, now: Instant) -> u64 {
        let age = now.saturating_duration_since(self.born);
        u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn is_closed(turns: u64) -> bool {
    turns.is_multiple_of(2)
}

#[cfg(test)]
mod tests;
