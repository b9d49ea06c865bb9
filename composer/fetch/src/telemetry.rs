//! Counts and times fetches by fragment and outcome.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use contract::FragmentId;
use metrics::{Counter, Histogram, counter, histogram};

/// The metrics of one fragment and outcome.
#[derive(Debug)]
pub(crate) struct Metrics {
    total: Counter,
    duration: Histogram,
}

/// Looking a metric up by its labels costs more than a whole fetch should: each thread keeps those it has met.
type Known = HashMap<FragmentId, Vec<(&'static str, Metrics)>>;

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Counts one fetch. Fragments and outcomes are closed sets, so the memory for them is bounded.
pub(crate) fn fetched(fragment: &FragmentId, outcome: &'static str, took: Duration) {
    KNOWN.with_borrow_mut(|known| {
        let metrics = match known.get_mut(fragment) {
            Some(metrics) => metrics,
            None => known.entry(fragment.clone()).or_default(),
        };
        let at = metrics
            .iter()
            .position(|(label, ..)| *label == outcome)
            .unwrap_or_else(|| {
                metrics.push((outcome, Metrics::new(fragment, outcome)));
                metrics.len() - 1
            });
        metrics[at].1.count(took);
    });
}

impl Metrics {
    pub(crate) fn new(fragment: &FragmentId, outcome: &'static str) -> Self {
        let labels = [("fragment", fragment.to_string()), ("outcome", outcome.to_owned())];
        Self {
            total: counter!("composer_fetch_total", &labels),
            duration: histogram!("composer_fetch_duration_seconds", &labels),
        }
    }

    pub(crate) fn count(&self, took: Duration) {
        self.total.increment(1);
        self.duration.record(took.as_secs_f64());
    }
}
