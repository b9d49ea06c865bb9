//! Counts a fetch that its page gave up, its own time being over: one that hangs must not look as if it had never been.

use std::time::Duration;

use tokio::time::Instant;

use crate::{FragmentRequest, events::Sink, numbers::Verdict};

/// A fetch under way.
pub(super) struct Unfinished<'f, K> {
    request: &'f FragmentRequest,
    sink: &'f Sink<K>,
    started: Instant,
    paused_before: Duration,
    is_finished: bool,
}

impl<'f, K> Unfinished<'f, K> {
    pub(super) fn new(request: &'f FragmentRequest, sink: &'f Sink<K>) -> Self {
        Self {
            request,
            sink,
            started: Instant::now(),
            paused_before: sink.pauses().total(),
            is_finished: false,
        }
    }

    /// It came to an end by itself, and is counted by that.
    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }
}

impl<K> Drop for Unfinished<'_, K> {
    fn drop(&mut self) {
        if self.is_finished || !self.sink.is_over() {
            return;
        }
        let paused = self.sink.pauses().total().saturating_sub(self.paused_before);
        // One that the page asked for late has had no time to be slow.
        if self.started.elapsed().saturating_sub(paused) >= self.request.deadline / 2 {
            self.request.upstream.count(Verdict::Late);
        }
    }
}
