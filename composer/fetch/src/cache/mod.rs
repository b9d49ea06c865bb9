//! The fragment cache: answers that may be shown again, each under exactly what its fragment saw.
//!
//! What is kept is shown without a future and without waiting. What isn't is asked for once for all pages that want it at the
//! same time (a *flight*), in a task of its own, so that a visitor who leaves takes nothing from the others.

mod begin;
mod pilot;
mod flight;
mod numbers;
mod store;
mod log;
mod index;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

pub(crate) use begin::Fetching;
use contract::{AppName, Version};
use flight::Flights;
use index::{Index, Which};
use log::Log;
pub use numbers::CacheNumbers;
use numbers::Counts;
use store::Store;

use crate::{Entry, Upstream};

/// The answers of all versions that one fleet reaches.
#[derive(Debug)]
pub struct Cache {
    bytes: u64,
    hasher: RandomState,
    store: Store,
    index: Index,
    log: Log,
    flights: Flights,
    counts: Counts,
}

/// Which answers are to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// Of this app,
    pub app: AppName,
    /// of this version, or of all of them,
    pub version: Option<Version>,
    /// with any of these tags; with none given, all.
    pub tags: Vec<String>,
}

impl Cache {
    /// An empty cache that takes at most `bytes` of memory; with 0 it keeps nothing.
    pub fn new(bytes: u64) -> Self {
        Self {
            bytes,
            hasher: RandomState::new(),
            store: Store::new(bytes),
            index: Index::new(),
            log: Log::default(),
            flights: Flights::new(bytes),
            counts: Counts::default(),
        }
    }

    /// Removes answers; tells how many. What is under way meanwhile isn't kept either.
    ///
    /// It takes a moment for each answer that goes: where these may be many, it is no call for a task that others wait for.
    pub fn purge(&self, what: &Purge) -> usize {
        let which = if what.tags.is_empty() {
            Which::All
        } else {
            Which::Tags(&what.tags)
        };
        self.remove(&what.app, what.version.as_ref(), which)
    }

    /// Removes what `upstream` answered at `path`, which an unsafe method has changed (RFC 9111 §4.4); tells how many answers.
    pub fn invalidate(&self, upstream: &Upstream, path: &str) -> usize {
        if self.bytes == 0 || !upstream.has_fragment_at(path) {
            return 0;
        }
        let app = upstream.app();
        self.remove(&app.app, Some(&app.version), Which::Path(path))
    }

    /// What it holds and has done.
    pub fn numbers(&self) -> CacheNumbers {
        CacheNumbers {
            limit_bytes: self.bytes,
            bytes: self.store.bytes(),
            entries: self.store.len(),
            ..self.counts.read()
        }
    }

    /// How many answers of each app are kept, in no order.
    pub fn apps(&self) -> HashMap<AppName, u64> {
        self.index.count()
    }

    fn remove(&self, app: &AppName, version: Option<&Version>, which: Which<'_>) -> usize {
        // Before anything is removed: what lands meanwhile looks here.
        self.log.add(app, version, which);
        let mut count = 0;
        self.index.take(app, version, which, |entry| {
            entry.retire();
            self.store.remove(&entry);
            count += 1;
        });
        self.counts.purged(count);
        count
    }

    /// Keeps `entry`, asked for when `began` was the last purge; false when it was purged since or has no room.
    fn keep(&self, entry: &Arc<Entry>, began: u64) -> bool {
        let origin = &entry.origin;
        let was_purged = || self.log.has_purged(&origin.app, &origin.path, Some(&entry.tags), began);
        if was_purged() {
            entry.retire();
            return false;
        }
        self.index.add(entry);
        self.let_go(self.store.put(entry), None);
        // A purge that began meanwhile may have looked before it was there.
        if was_purged() {
            self.forget(entry);
        }
        if entry.is_current() {
            self.counts.stored();
        }
        entry.is_current()
    }

    /// Removes one answer.
    fn forget(&self, entry: &Entry) {
        entry.retire();
        self.index.remove(entry);
        self.store.remove(entry);
    }

    /// Weighs an answer anew, that has grown since it was kept.
    fn weigh(&self, entry: &Arc<Entry>) {
        self.let_go(self.store.weigh(entry), Some(entry.id));
        if !entry.is_current() {
            self.store.remove(entry);
        }
    }

    fn let_go(&self, left: Vec<Arc<Entry>>, but: Option<u64>) {
        for entry in left.into_iter().filter(|entry| Some(entry.id) != but) {
            entry.retire();
            if self.index.remove(&entry) {
                self.counts.evicted();
            }
        }
    }

    fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }
}

#[cfg(test)]
mod tests;
