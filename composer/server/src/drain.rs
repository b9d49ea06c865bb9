//! The two moments of a stop: no new work from the first on, no work at all from the second on.

use tokio_util::sync::CancellationToken;

/// Tells whoever holds a copy how far the stop has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drain {
    started: CancellationToken,
    ended: CancellationToken,
}

impl Drain {
    /// No new work from now on.
    pub(crate) fn start(&self) {
        self.started.cancel();
    }

    /// No work at all from now on.
    pub(crate) fn end(&self) {
        self.started.cancel();
        self.ended.cancel();
    }

    /// Tells whether the stop has begun.
    pub(crate) fn has_started(&self) -> bool {
        self.started.is_cancelled()
    }

    /// Waits until the stop begins: time for endless replies, such as events, to end.
    pub(crate) async fn started(&self) {
        self.started.cancelled().await;
    }

    /// Waits until the stop's time is over: what runs on is cut.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}
