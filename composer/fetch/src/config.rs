//! The limits that hold for every fetch.

use std::time::Duration;

/// Limits of connections to BFFs, beside those that manifests set for a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// A connection that takes longer to open counts as refused.
    pub connect_timeout: Duration,
    /// An idle connection older than this is closed instead of used.
    pub idle_timeout: Duration,
    /// Idle connections kept for one origin.
    pub max_idle_per_origin: usize,
    /// Requests under way to one origin; one more fails at once.
    pub max_in_flight_per_origin: usize,
    /// A response head longer than this is refused; at least 8,192.
    pub max_head_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(50),
            max_idle_per_origin: 128,
            max_in_flight_per_origin: 1024,
            max_head_bytes: 64 * 1024,
        }
    }
}
