//! Counts what came of a fetch: for its version's numbers, its breaker, and the metrics.

use std::time::Duration;

use tokio::time::Instant;

use super::breaker;
use crate::{FetchError, FragmentRequest, allowance::Pass, events::Sink, numbers::Verdict, telemetry};

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
        breaker::settle(self.request, pass, result, self.took());
        count(self.request, result, self.started);
    }

    /// The time that it had, without what its page kept it waiting.
    fn took(&self) -> Duration {
        let paused = self.sink.pauses().total().saturating_sub(self.paused_before);
        self.started.elapsed().saturating_sub(paused)
    }
}

/// Counts a fetch for its version and in the metrics.
pub(super) fn count(request: &FragmentRequest, result: Result<(), &FetchError>, started: Instant) {
    if let Some(verdict) = Verdict::of_fetch(result) {
        request.upstream.count(verdict);
    }
    let outcome = result.err().map_or("fresh", FetchError::label);
    telemetry::fetched(&request.fragment, outcome, started.elapsed());
}

impl<K> Drop for Outcome<'_, K> {
    /// Its page gave it up. Where the page's own time is over, one that hangs must not look as if it had never been; a
    /// visitor who leaves says nothing.
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        let (took, limit) = (self.took(), self.request.deadline);
        // One that the page asked for late has had no time to be slow.
        if self.sink.is_over() && took >= limit / 2 {
            self.request.upstream.count(Verdict::Late);
            breaker::settle(self.request, pass, Err(&FetchError::Deadline { limit }), took);
        } else {
            breaker::settle(self.request, pass, Err(&FetchError::Stopped), took);
        }
    }
}
