//! The table `[fetch]`.

use composer_fetch::{BreakerConfig, Config, RetryConfig};
use contract::toml_keys::Keys;

use super::Reader;

impl Reader<'_, '_> {
    pub(super) fn fetch(&mut self, keys: &Keys<'_>) -> Config {
        let usual = Config::default();
        Config {
            connect_timeout: self.time(keys, "connect_ms", 10..=60_000, usual.connect_timeout),
            idle_timeout: self.time(keys, "idle_ms", 50..=3_600_000, usual.idle_timeout),
            max_idle_per_origin: self.count(keys, "idle_connections", 0..=10_000, usual.max_idle_per_origin),
            max_in_flight_per_origin: self.count(keys, "in_flight", 1..=100_000, usual.max_in_flight_per_origin),
            max_in_flight_per_app: self.count(keys, "in_flight_per_app", 1..=100_000, usual.max_in_flight_per_app),
            max_head_bytes: self.count(keys, "head_bytes", 8_192..=1 << 20, usual.max_head_bytes),
            retry: self.retry(keys, &usual.retry),
            hedge: keys.boolean(self.source, "hedge").unwrap_or(usual.hedge),
            breaker: self.breaker(keys, &usual.breaker),
            ..usual
        }
    }

    fn retry(&mut self, keys: &Keys<'_>, usual: &RetryConfig) -> RetryConfig {
        RetryConfig {
            percent: self.small(keys, "retry_percent", 0..=100, usual.percent),
            per_s: self.small(keys, "retry_per_s", 0..=10_000, usual.per_s),
        }
    }

    fn breaker(&mut self, keys: &Keys<'_>, usual: &BreakerConfig) -> BreakerConfig {
        let breaker = BreakerConfig {
            failures_percent: self.small(keys, "breaker_percent", 1..=100, usual.failures_percent),
            open_first: self.time(keys, "breaker_open_ms", 10..=60_000, usual.open_first),
            open_longest: self.time(keys, "breaker_longest_ms", 10..=600_000, usual.open_longest),
        };
        if breaker.open_longest < breaker.open_first {
            keys.breach(self.source, "breaker_longest_ms", "must be at least `breaker_open_ms`");
        }
        breaker
    }

    fn small(&mut self, keys: &Keys<'_>, key: &str, range: std::ops::RangeInclusive<u64>, usual: u32) -> u32 {
        let number = keys.integer(self.source, key, range);
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or(usual)
    }
}
