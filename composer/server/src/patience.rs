//! How long one client may keep the composer waiting over one body, its own or that of a reply.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A client that is slower than this, over the whole body, runs out of patience at last.
const SLOWEST_BYTES_PER_SECOND: u64 = 1_024;

/// How long a client may keep us waiting: `stall` at a time, and in all as long as a slow line needs.
pub(crate) struct Patience {
    stall: Duration,
    waited: Duration,
    since: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(crate) fn new(stall: Duration) -> Self {
        Self {
            stall,
            waited: Duration::ZERO,
            since: None,
            sleep: None,
        }
    }

    /// Nothing moves, after `moved` bytes: ready when that is too long now.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, moved: u64) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let in_all = self.stall + Duration::from_secs(moved / SLOWEST_BYTES_PER_SECOND);
        let deadline = since + self.stall.min(in_all.saturating_sub(self.waited));
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }

    /// Something has moved.
    pub(crate) fn rest(&mut self) {
        self.waited += self.since.take().map_or(Duration::ZERO, |since| since.elapsed());
    }
}
