//! The limits that hold for every fetch.

use std::time::Duration;

/// Limits of connections to BFFs, beside those that manifests set for a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// A connection that takes longer to open counts as refused; the name look-up is part of it.
    pub connect_timeout: Duration,
    /// An idle connection older than this is closed instead of used.
    pub idle_timeout: Duration,
    /// Idle connections kept for one origin.
    pub max_idle_per_origin: usize,
    /// Fragments being fetched from one origin; one more fails at once.
    pub max_in_flight_per_origin: usize,
    /// Requests of browsers, streams and tunnels among them, under way to one origin; one more fails at once.
    pub max_exchanges_per_origin: usize,
    /// A response head longer than this is refused; at least 8,192.
    pub max_head_bytes: usize,
    /// Fragments being fetched from all versions of one app; a few more wait for one of those to end.
    pub max_in_flight_per_app: usize,
    /// What failures may add.
    pub retry: RetryConfig,
    /// Whether another instance is asked too when one takes longer than nearly always.
    pub hedge: bool,
    /// When a version is left alone, and for how long.
    pub breaker: BreakerConfig,
    /// When an instance counts as broken, and for how long.
    pub health: HealthConfig,
    /// Memory for answers that are kept; 0 keeps none.
    pub cache_bytes: u64,
}

/// What failures may add: an app has so many second attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryConfig {
    /// For every hundred fetches.
    pub percent: u32,
    /// Every second.
    pub per_s: u32,
}

/// When a version is left alone, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerConfig {
    /// A greater share of failures among the last fetches opens it; 100 keeps it closed.
    pub failures_percent: u32,
    /// How long it stays open before one fetch tries the version; each further time lasts twice as long.
    pub open_first: Duration,
    /// No such time is longer.
    pub open_longest: Duration,
}

/// When an instance counts as broken, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthConfig {
    /// The time between two checks of an instance.
    pub check_every: Duration,
    /// A check that takes longer has failed.
    pub check_limit: Duration,
    /// So many checks in a row that fail make an instance unhealthy.
    pub unhealthy_after: u32,
    /// So many requests in a row that fail eject an instance.
    pub eject_after: u32,
    /// How long the first ejection lasts; each further one lasts twice as long.
    pub eject_first: Duration,
    /// No ejection lasts longer.
    pub eject_longest: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(50),
            max_idle_per_origin: 128,
            max_in_flight_per_origin: 1024,
            max_exchanges_per_origin: 16_384,
            max_head_bytes: 64 * 1024,
            max_in_flight_per_app: 512,
            retry: RetryConfig::default(),
            hedge: false,
            breaker: BreakerConfig::default(),
            health: HealthConfig::default(),
            cache_bytes: 256 << 20,
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { percent: 20, per_s: 10 }
    }
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures_percent: 50,
            open_first: Duration::from_millis(500),
            open_longest: Duration::from_millis(750),
        }
    }
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self {
            check_every: Duration::from_secs(2),
            check_limit: Duration::from_secs(1),
            unhealthy_after: 2,
            eject_after: 5,
            eject_first: Duration::from_secs(1),
            eject_longest: Duration::from_secs(30),
        }
    }
}
