//! Counts what came of the requests to a version, for comparing it with another.

use std::{
    ops::Sub,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use http::StatusCode;

use crate::FetchError;

/// What came of the requests to a version, ever since it is reached; no number ever falls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Requests that came to an end: fragments fetched, and requests of browsers handed on.
    pub requests: u64,
    /// Of these, those that failed: a 5xx, no connection, a broken or unusable answer.
    pub errors: u64,
    /// Of these, those that took longer than they may.
    pub deadlines: u64,
}

/// The counters behind [`Numbers`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    errors: AtomicU64,
    deadlines: AtomicU64,
}

/// What came of one request, as far as its version is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Failed,
    Late,
}

impl Numbers {
    /// All requests that failed or took too long.
    pub fn failures(&self) -> u64 {
        self.errors + self.deadlines
    }
}

impl Sub for Numbers {
    type Output = Self;

    /// What was added since `earlier`.
    fn sub(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            errors: self.errors.saturating_sub(earlier.errors),
            deadlines: self.deadlines.saturating_sub(earlier.deadlines),
        }
    }
}

impl Counters {
    pub(crate) fn count(&self, verdict: Verdict) {
        self.requests.fetch_add(1, Relaxed);
        self.blame(verdict);
    }

    /// Counts a failure of a request that is counted already.
    pub(crate) fn blame(&self, verdict: Verdict) {
        match verdict {
            Verdict::Good => {}
            Verdict::Failed => {
                self.errors.fetch_add(1, Relaxed);
            }
            Verdict::Late => {
                self.deadlines.fetch_add(1, Relaxed);
            }
        }
    }

    pub(crate) fn read(&self) -> Numbers {
        // Failures first: a request that ends meanwhile must not show more failures than requests.
        let (errors, deadlines) = (self.errors.load(Relaxed), self.deadlines.load(Relaxed));
        Numbers {
            requests: self.requests.load(Relaxed),
            errors,
            deadlines,
        }
    }
}

impl Verdict {
    /// `None` when nothing can be said: nobody waited for the end, or the version was never asked.
    pub(crate) fn of_fetch(result: Result<(), &FetchError>) -> Option<Self> {
        match result {
            Ok(()) => Some(Self::Good),
            Err(FetchError::Stopped | FetchError::Target | FetchError::Busy { .. } | FetchError::Full { .. }) => None,
            Err(FetchError::Deadline { .. }) => Some(Self::Late),
            // A visitor may ask for what there is not.
            Err(FetchError::Status(status)) if status.is_client_error() => Some(Self::Good),
            Err(_) => Some(Self::Failed),
        }
    }

    pub(crate) fn of_status(status: StatusCode) -> Self {
        if status.is_server_error() {
            Self::Failed
        } else {
            Self::Good
        }
    }
}
