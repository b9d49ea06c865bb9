//! What policies keep between fetches: of a version whether it is left alone, of an app how much it may have.

mod bulkhead;
mod breaker;
mod budget;
mod latency;
mod window;

use std::sync::Arc;

use tokio::time::Instant;

pub(crate) use breaker::{Breaker, Change, Pass};
pub use breaker::{BreakerState, BreakerView};
pub(crate) use budget::Budget;
pub(crate) use bulkhead::{Bulkhead, Place};
pub(crate) use latency::Latency;

use crate::{Config, habit::Habits};

/// What all versions of an app share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) budget: Budget,
    pub(crate) bulkhead: Bulkhead,
    pub(crate) habits: Habits,
}

/// What a version has: a part of its own, and one that it shares with the app's other versions.
#[derive(Debug)]
pub(crate) struct Allowance {
    pub(crate) breaker: Breaker,
    pub(crate) shared: Arc<Shared>,
}

/// The policies of a version, for status pages and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyView {
    /// Whether fragments are fetched from it.
    pub breaker: BreakerView,
    /// Fragments being fetched from all versions of its app.
    pub in_flight: usize,
    /// At most so many.
    pub in_flight_limit: usize,
    /// Fetches that wait for one of those to end.
    pub waiting: usize,
    /// Retries and hedges that its app could have now.
    pub retries_left: u64,
}

impl Shared {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            budget: Budget::new(&config.retry),
            bulkhead: Bulkhead::new(config.max_in_flight_per_app),
            habits: Habits::default(),
        }
    }
}

impl Allowance {
    pub(crate) fn new(config: &Config, shared: Arc<Shared>) -> Self {
        Self {
            breaker: Breaker::new(&config.breaker),
            shared,
        }
    }

    pub(crate) fn view(&self) -> PolicyView {
        let now = Instant::now();
        let bulkhead = &self.shared.bulkhead;
        PolicyView {
            breaker: self.breaker.view(now),
            in_flight: bulkhead.in_flight(),
            in_flight_limit: bulkhead.limit(),
            waiting: bulkhead.waiting(),
            retries_left: self.shared.budget.left(now),
        }
    }
}
