//! Counts what the cache does.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the cache holds, and what it has done until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheNumbers {
    /// Memory that it may use.
    pub limit_bytes: u64,
    /// Memory that it uses.
    pub bytes: u64,
    /// Answers in it.
    pub entries: u64,
    /// Fragments shown from it, fresh.
    pub hits: u64,
    /// Fragments shown from it although their time was over: while they were asked for anew, or because that failed.
    pub stale: u64,
    /// Fragments that it would have kept, and asked for.
    pub misses: u64,
    /// Fragments that came with what another page had asked for.
    pub coalesced: u64,
    /// Answers that were put in.
    pub stores: u64,
    /// Answers that left for others.
    pub evictions: u64,
    /// Answers that were purged, or changed by an unsafe method.
    pub purged: u64,
}

/// The counters behind [`CacheNumbers`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    hits: AtomicU64,
    stale: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
    stores: AtomicU64,
    evictions: AtomicU64,
    purged: AtomicU64,
}

impl Counts {
    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Relaxed);
    }

    pub(super) fn stale(&self) {
        self.stale.fetch_add(1, Relaxed);
    }

    pub(super) fn missed(&self) {
        self.misses.fetch_add(1, Relaxed);
    }

    pub(super) fn coalesced(&self) {
        self.coalesced.fetch_add(1, Relaxed);
    }

    pub(super) fn stored(&self) {
        self.stores.fetch_add(1, Relaxed);
    }

    pub(super) fn evicted(&self) {
        self.evictions.fetch_add(1, Relaxed);
    }

    pub(super) fn purged(&self, count: usize) {
        self.purged.fetch_add(count as u64, Relaxed);
    }

    pub(super) fn read(&self) -> CacheNumbers {
        CacheNumbers {
            hits: self.hits.load(Relaxed),
            stale: self.stale.load(Relaxed),
            misses: self.misses.load(Relaxed),
            coalesced: self.coalesced.load(Relaxed),
            stores: self.stores.load(Relaxed),
            evictions: self.evictions.load(Relaxed),
            purged: self.purged.load(Relaxed),
            ..CacheNumbers::default()
        }
    }
}
