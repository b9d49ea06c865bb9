//! What is known of an instance's health: from checks, and from what came of requests.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{HealthConfig, text::short};

/// A failure older than this is not shown any more.
const SHOWN_FOR: Duration = Duration::from_secs(300);

const UNKNOWN: u8 = 0;
const HEALTHY: u8 = 1;
const UNHEALTHY: u8 = 2;

/// How an instance is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceState {
    /// Not checked yet; gets requests.
    Unknown,
    /// Its last check went well; gets requests.
    Healthy,
    /// It answers no checks; gets requests only when no other instance is left.
    Unhealthy,
    /// Too many requests in a row failed; gets none for a time, then one to try.
    Ejected,
}

/// Whether an instance may get the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Usable,
    /// Its ejection is over, and one request may try whether it works again.
    Due,
    Out,
}

/// A change that is worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Ejected { lasts: Duration },
    Readmitted,
    Healthy,
    Unhealthy,
}

#[derive(Debug)]
pub(crate) struct Health {
    born: Instant,
    checked: AtomicU8,
    failed_checks: AtomicU32,
    /// Requests in a row that failed.
    failures: AtomicU32,
    ejections: AtomicU32,
    /// In milliseconds after `born`; 0 when it is not ejected.
    ejected_until: AtomicU64,
    probing: AtomicBool,
    last: Mutex<Option<(Instant, String)>>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            born: Instant::now(),
            checked: AtomicU8::new(UNKNOWN),
            failed_checks: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            ejections: AtomicU32::new(0),
            ejected_until: AtomicU64::new(0),
            probing: AtomicBool::new(false),
            last: Mutex::default(),
        }
    }

    /// Whether the next request may go there. Reads the clock only of an instance that is ejected.
    pub(crate) fn standing(&self) -> Standing {
        if self.checked.load(Relaxed) == UNHEALTHY {
            return Standing::Out;
        }
        match self.ejected_until.load(Relaxed) {
            0 => Standing::Usable,
            until if until <= self.now() && !self.probing.load(Relaxed) => Standing::Due,
            _ => Standing::Out,
        }
    }

    /// Claims the one request that may try an instance whose ejection is over.
    pub(crate) fn claim_probe(&self) -> bool {
        !self.probing.swap(true, Relaxed)
    }

    pub(crate) fn release_probe(&self) {
        self.probing.store(false, Relaxed);
    }

    /// A request was answered.
    pub(crate) fn succeeded(&self) -> Option<Change> {
        if self.failures.load(Relaxed) > 0 {
            self.failures.store(0, Relaxed);
        }
        if self.ejected_until.load(Relaxed) == 0 {
            return None;
        }
        self.ejections.store(0, Relaxed);
        let was = self.ejected_until.swap(0, Relaxed);
        (was > 0).then_some(Change::Readmitted)
    }

    /// A request failed by the instance's own fault.
    pub(crate) fn failed(&self, terms: &HealthConfig, why: String) -> Option<Change> {
        self.note(why);
        let failures = self.failures.fetch_add(1, Relaxed).saturating_add(1);
        let until = self.ejected_until.load(Relaxed);
        // Failures of requests that were under way when it was ejected, or that went there for want of another, say no
        // more than is known.
        let is_new = match until {
            0 => failures >= terms.eject_after,
            until => until <= self.now(),
        };
        is_new.then(|| self.eject(terms, until)).flatten()
    }

    fn eject(&self, terms: &HealthConfig, before: u64) -> Option<Change> {
        let nth = self.ejections.load(Relaxed);
        let lasts = terms
            .eject_first
            .saturating_mul(1_u32.checked_shl(nth).unwrap_or(u32::MAX));
        let lasts = lasts.min(terms.eject_longest);
        let until = (self.now() + millis(lasts)).max(1);
        let won = self.ejected_until.compare_exchange(before, until, Relaxed, Relaxed);
        won.ok()?;
        self.ejections.store(nth.saturating_add(1), Relaxed);
        Some(Change::Ejected { lasts })
    }

    /// A check ended.
    pub(crate) fn checked(&self, terms: &HealthConfig, result: Result<(), String>) -> Option<Change> {
        let (state, change) = match result {
            Ok(()) => {
                if self.failed_checks.swap(0, Relaxed) > 0 {
                    self.end_ejection();
                }
                (HEALTHY, Change::Healthy)
            }
            Err(why) => {
                self.note(why);
                let failed = self.failed_checks.fetch_add(1, Relaxed).saturating_add(1);
                if failed < terms.unhealthy_after {
                    return None;
                }
                (UNHEALTHY, Change::Unhealthy)
            }
        };
        (self.checked.swap(state, Relaxed) != state).then_some(change)
    }

    /// One that has come back needs not wait until its ejection is over: the next request may try.
    fn end_ejection(&self) {
        let now = self.now().max(1);
        let sooner = |until: u64| (until > now).then_some(now);
        let _ = self.ejected_until.fetch_update(Relaxed, Relaxed, sooner);
    }

    /// Tells whether it is worth checking more often.
    pub(crate) fn is_ill(&self) -> bool {
        let is_well = self.checked.load(Relaxed) != UNHEALTHY && self.ejected_until.load(Relaxed) == 0;
        !is_well || self.has_failed_check()
    }

    /// Tells whether its last check failed.
    pub(crate) fn has_failed_check(&self) -> bool {
        self.failed_checks.load(Relaxed) > 0
    }

    pub(crate) fn state(&self) -> InstanceState {
        match (self.checked.load(Relaxed), self.ejected_until.load(Relaxed)) {
            (UNHEALTHY, _) => InstanceState::Unhealthy,
            (_, 1..) => InstanceState::Ejected,
            (HEALTHY, _) => InstanceState::Healthy,
            _ => InstanceState::Unknown,
        }
    }

    /// What went wrong last, if it was not long ago.
    pub(crate) fn last_error(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, text) = last.as_ref()?;
        (at.elapsed() < SHOWN_FOR).then(|| text.clone())
    }

    fn note(&self, why: String) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), short(why)));
    }

    fn now(&self) -> u64 {
        millis(self.born.elapsed())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(health: &Health, times: usize) -> Option<Change> {
        let fail = || health.failed(&HealthConfig::default(), "broke".into());
        (0..times).fold(None, |_, _| fail())
    }

    const fn ejected(seconds: u64) -> Option<Change> {
        let lasts = Duration::from_secs(seconds);
        Some(Change::Ejected { lasts })
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_eject_and_one_success_forgives() {
        let health = Health::new();
        assert_eq!(fail(&health, 4), None);
        assert_eq!(health.succeeded(), None);
        assert_eq!(fail(&health, 4), None);
        assert_eq!(health.standing(), Standing::Usable);
        assert_eq!(fail(&health, 1), ejected(1));
        assert_eq!(
            (health.standing(), health.state()),
            (Standing::Out, InstanceState::Ejected)
        );
        assert_eq!(health.succeeded(), Some(Change::Readmitted));
        assert_eq!(health.standing(), Standing::Usable);
        assert_eq!(fail(&health, 5), ejected(1));
    }

    #[tokio::test(start_paused = true)]
    async fn each_ejection_lasts_longer_up_to_a_limit() {
        let health = Health::new();
        fail(&health, 5);
        for seconds in [2, 4, 8, 16, 30, 30, 30] {
            assert_eq!(fail(&health, 3), None);
            advance(Duration::from_secs(30)).await;
            assert_eq!(health.standing(), Standing::Due);
            assert_eq!(fail(&health, 1), ejected(seconds));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_comes_back_is_tried_at_once() {
        let (health, terms) = (Health::new(), HealthConfig::default());
        fail(&health, 5);
        advance(Duration::from_millis(10)).await;
        assert_eq!(health.checked(&terms, Ok(())), Some(Change::Healthy));
        assert_eq!(health.standing(), Standing::Out, "it answered checks all the time");
        health.checked(&terms, Err("refused".into()));
        health.checked(&terms, Ok(()));
        assert_eq!(health.standing(), Standing::Due);
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_at_a_time_tries_an_ejected_instance() {
        let health = Health::new();
        fail(&health, 5);
        advance(Duration::from_secs(1)).await;
        assert!(health.claim_probe());
        assert!(!health.claim_probe());
        assert_eq!(health.standing(), Standing::Out);
        health.release_probe();
        assert_eq!(health.standing(), Standing::Due);
    }

    #[test]
    fn two_failed_checks_make_unhealthy_and_one_good_one_healthy() {
        let (health, terms) = (Health::new(), HealthConfig::default());
        assert_eq!(health.state(), InstanceState::Unknown);
        assert_eq!(health.checked(&terms, Err("refused".into())), None);
        assert_eq!(health.standing(), Standing::Usable);
        assert_eq!(health.checked(&terms, Err("refused".into())), Some(Change::Unhealthy));
        assert_eq!(health.checked(&terms, Err("refused".into())), None);
        assert_eq!(
            (health.standing(), health.last_error().as_deref()),
            (Standing::Out, Some("refused"))
        );
        assert_eq!(health.checked(&terms, Ok(())), Some(Change::Healthy));
        assert_eq!(
            (health.standing(), health.state()),
            (Standing::Usable, InstanceState::Healthy)
        );
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let health = Health::new();
        health.failed(&HealthConfig::default(), "ä".repeat(1000));
        assert!(health.last_error().unwrap().len() <= crate::text::MAX_TEXT_BYTES);
    }
}
