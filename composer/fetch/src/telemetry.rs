//! Counts and times fetches by fragment and outcome.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use contract::FragmentId;
use metrics::{Counter, Histogram, counter, histogram};

/// Looking a metric up by its labels costs more than a whole fetch should: each thread keeps those it has met.
type Known = HashMap<FragmentId, Vec<(&'static str, Counter, Histogram)>>;

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
                metrics.push(register(fragment, outcome));
                metrics.len() - 1
            });
        let (_, total, duration) = &metrics[at];
        total.increment(1);
        duration.record(took.as_secs_f64());
    });
}

fn register(fragment: &FragmentId, outcome: &'static str) -> (&'static str, Counter, Histogram) {
    let labels = [("fragment", fragment.to_string()), ("outcome", outcome.to_owned())];
    let total = counter!("composer_fetch_total", &labels);
    let duration = histogram!("composer_fetch_duration_seconds", &labels);
    (outcome, total, duration)
}
