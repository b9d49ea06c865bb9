//! Bounds what failures may add: second attempts are a share of all fetches, and some every second.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use tokio::time::Instant;

use crate::RetryConfig;

/// What one attempt costs.
const ONE: i64 = 1_000;
/// What is saved up in quiet times is worth at most so many attempts, or those of ten seconds.
const MOST_SAVED: i64 = 100 * ONE;

/// A token bucket, one for each app; it counts in thousandths.
#[derive(Debug)]
pub(crate) struct Budget {
    per_fetch: i64,
    per_s: i64,
    most: i64,
    saved: AtomicI64,
    /// When the share of time was added last.
    filled: Mutex<Instant>,
}

impl Budget {
    pub(crate) fn new(config: &RetryConfig) -> Self {
        let per_s = i64::from(config.per_s) * ONE;
        Self {
            per_fetch: i64::from(config.percent) * ONE / 100,
            per_s,
            most: MOST_SAVED.max(per_s * 10),
            saved: AtomicI64::new(per_s),
            filled: Mutex::new(Instant::now()),
        }
    }

    /// A fetch begins: its share is added.
    pub(crate) fn add(&self) {
        // A few threads at once may go beyond the most that is saved, by their own share.
        if self.saved.load(Relaxed) < self.most {
            self.saved.fetch_add(self.per_fetch, Relaxed);
        }
    }

    /// Takes one attempt out of it; false when there is none left.
    pub(crate) fn take(&self, now: Instant) -> bool {
        self.fill(now);
        let taken = |saved: i64| (saved >= ONE).then(|| saved - ONE);
        self.saved.fetch_update(Relaxed, Relaxed, taken).is_ok()
    }

    /// How many attempts there are now.
    pub(crate) fn left(&self, now: Instant) -> u64 {
        self.fill(now);
        u64::try_from(self.saved.load(Relaxed) / ONE).unwrap_or(0)
    }

    fn fill(&self, now: Instant) {
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(*filled);
        let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        let earned = self.per_s.saturating_mul(passed_ms) / 1_000;
        if earned == 0 {
            return;
        }
        *filled = now;
        let room = (self.most - self.saved.load(Relaxed)).max(0);
        self.saved.fetch_add(earned.min(room), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn taken(budget: &Budget, now: Instant) -> usize {
        (0..10_000).take_while(|_| budget.take(now)).count()
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_a_share_of_the_fetches_and_some_every_second() {
        let (budget, start) = (Budget::new(&RetryConfig::default()), Instant::now());
        assert_eq!(taken(&budget, start), 10);
        for _ in 0..400 {
            budget.add();
        }
        assert_eq!((budget.left(start), taken(&budget, start)), (80, 80));
        let later = start + Duration::from_millis(1_500);
        assert_eq!(taken(&budget, later), 15);
        assert_eq!(taken(&budget, later + Duration::from_millis(90)), 0);
        assert_eq!(taken(&budget, later + Duration::from_millis(100)), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_times_save_up_a_hundred() {
        let (budget, start) = (Budget::new(&RetryConfig::default()), Instant::now());
        for _ in 0..100_000 {
            budget.add();
        }
        assert_eq!(taken(&budget, start + Duration::from_secs(3600)), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_budget_nothing_is_tried_twice() {
        let (percent, per_s) = (0, 0);
        let (budget, start) = (Budget::new(&RetryConfig { percent, per_s }), Instant::now());
        budget.add();
        assert_eq!(taken(&budget, start + Duration::from_secs(3600)), 0);
    }
}
