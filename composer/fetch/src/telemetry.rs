//! Counts and times fetches by fragment and outcome.

use std::time::Duration;

use contract::FragmentId;
use metrics::{counter, histogram};

pub(crate) fn fetched(fragment: &FragmentId, outcome: &'static str, took: Duration) {
    let fragment = fragment.to_string();
    counter!("composer_fetch_total", "fragment" => fragment.clone(), "outcome" => outcome).increment(1);
    histogram!("composer_fetch_duration_seconds", "fragment" => fragment, "outcome" => outcome)
        .record(took.as_secs_f64());
}
