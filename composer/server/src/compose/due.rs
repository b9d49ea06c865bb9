//! The end of a page's time, put off for as long as its browser keeps it waiting.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// When a page has to be whole.
#[derive(Debug)]
pub(super) struct Due {
    limit: Duration,
    at: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl Due {
    pub(super) fn after(limit: Duration) -> Self {
        let at = Instant::now() + limit;
        Self {
            limit,
            at,
            sleep: Box::pin(sleep_until(at)),
        }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Ready when the time is over, `paused` not counted.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, paused: Duration) -> Poll<()> {
        // Fragments that never stop sending take up the task's budget, without which a timer never is over.
        while pin!(unconstrained(self.sleep.as_mut())).poll(cx).is_ready() {
            let at = self.at + paused;
            if at <= Instant::now() {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(at);
        }
        Poll::Pending
    }
}
