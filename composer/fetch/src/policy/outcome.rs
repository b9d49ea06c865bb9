//! Counts what came of a fetch: for its version's numbers, its breaker, and the metrics.

use std::time::Duration;

use tokio::time::Instant;

use super::breaker;
use crate::{
    FetchError, FragmentRequest,
    allowance::Pass,
    events::Sink,
    numbers::Verdict,
    telemetry::{self, Metrics},
};

/// A fetch under way.
pub(super) struct Outcome<'f, K> {
    request: &'f FragmentRequest,
    sink: &'f Sink<K>,
    started: Instant,
    paused_before: Duration,
    /// `None` when it has come to an end by itself.
    pass: Option<Pass>,
}

impl<'f, K> Outcome<'f, K> {
    pub(super) fn new(request: &'f FragmentRequest, sink: &'f Sink<K>, started: Instant, pass: Pass) -> Self {
        Self {
            request,
            sink,
            started,
            paused_before: sink.pauses().total(),
            pass: Some(pass),
        }
    }

    /// It came to an end by itself.
    pub(super) fn settle(mut self, result: Result<(), &FetchError>) {
        let Some(pass) = self.pass.take() else { return };
        let now = Instant::now();
        breaker::settle(self.request, pass, result, (now, self.took(now)));
        count(self.request, result, now.saturating_duration_since(self.started));
    }

    /// The time that it had, without what its page kept it waiting.
    fn took(&self, now: Instant) -> Duration {
        let paused = self.sink.pauses().total().saturating_sub(self.paused_before);
        now.saturating_duration_since(self.started).saturating_sub(paused)
    }
}

/// Counts a fetch for its version and in the metrics.
pub(super) fn count(request: &FragmentRequest, result: Result<(), &FetchError>, took: Duration) {
    if let Some(verdict) = Verdict::of_fetch(result) {
        request.upstream.count(verdict);
    }
    let fragment = &request.fragment;
    match result {
        Ok(()) => {
            let fresh = &request.upstream.known(&fragment.fragment).fresh;
            fresh.get_or_init(|| Metrics::new(fragment, "fresh")).count(took);
        }
        Err(error) => telemetry::fetched(fragment, error.label(), took),
    }
}

impl<K> Drop for Outcome<'_, K> {
    /// Its page gave it up. Where the page's own time is over, one that hangs must not look as if it had never been; a
    /// visitor who leaves says nothing.
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        let (now, limit) = (Instant::now(), self.request.deadline);
        let took = self.took(now);
        // One that the page asked for late has had no time to be slow.
        if self.sink.is_over() && took >= limit / 2 {
            self.request.upstream.count(Verdict::Late);
            breaker::settle(self.request, pass, Err(&FetchError::Deadline { limit }), (now, took));
        } else {
            breaker::settle(self.request, pass, Err(&FetchError::Stopped), (now, took));
        }
    }
}
