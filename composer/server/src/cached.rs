//! What the fragment cache holds and has done, for metrics.

use std::fmt::Write;

use crate::app::Shared;

impl Shared {
    /// The counters and gauges of the cache, as Prometheus reads them.
    pub(crate) fn cache_metrics(&self) -> String {
        let cache = self.fleet.cache();
        let numbers = cache.numbers();
        let mut text = String::new();
        for (name, kind, help, value) in [
            (
                "hits_total",
                "counter",
                "Fragments shown from the cache, fresh.",
                numbers.hits,
            ),
            (
                "stale_total",
                "counter",
                "Fragments shown past their time.",
                numbers.stale,
            ),
            (
                "misses_total",
                "counter",
                "Fragments asked for that would be kept.",
                numbers.misses,
            ),
            (
                "coalesced_total",
                "counter",
                "Fragments that came with another page's fetch.",
                numbers.coalesced,
            ),
            ("stores_total", "counter", "Answers put in.", numbers.stores),
            (
                "evictions_total",
                "counter",
                "Answers that left for others.",
                numbers.evictions,
            ),
            (
                "purged_total",
                "counter",
                "Answers purged or invalidated.",
                numbers.purged,
            ),
            ("bytes", "gauge", "Memory in use.", numbers.bytes),
            ("limit_bytes", "gauge", "Memory that may be used.", numbers.limit_bytes),
        ] {
            let name = format!("composer_cache_{name}");
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
        text += "# HELP composer_cache_entries Answers in the cache, by app.\n# TYPE composer_cache_entries gauge\n";
        for (app, entries) in cache.apps() {
            let _ = writeln!(text, "composer_cache_entries{{app=\"{app}\"}} {entries}");
        }
        text
    }
}
