//! How a version's BFF is treated where it fails: left alone for moments, and asked again within limits.

use serde::{Deserialize, Serialize};

/// The policies of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Whether fragments are fetched from it.
    pub breaker: BreakerView,
    /// Fragments being fetched from all versions of its app.
    pub in_flight: u32,
    /// At most so many.
    pub in_flight_limit: u32,
    /// Fetches that wait for one of those to end.
    pub waiting: u32,
    /// Second attempts that its app could have now.
    pub retries_left: u32,
}

/// Whether fragments are fetched from a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    /// How it is.
    pub state: BreakerState,
    /// When it opened; `None` while it is closed.
    pub open_since_ms: Option<u64>,
    /// When the next fetch may try the version; `None` while it is closed.
    pub next_try_at_ms: Option<u64>,
    /// Of the last fetches so many failed; while it is open, of those that opened it.
    pub failed: u32,
    /// So many were counted.
    pub of: u32,
    /// What went wrong last, if that was in the last five minutes.
    pub last_error: Option<String>,
}

/// How a breaker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerState {
    /// Fragments are fetched.
    Closed,
    /// None is: each fetch fails at once.
    Open,
    /// One is, to see whether it works again.
    HalfOpen,
}
