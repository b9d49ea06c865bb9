//! Where kept answers are: by key, bounded in memory, the least useful ones leaving first.

use std::{
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use quick_cache::{Lifecycle, OptionsBuilder, Weighter, sync};

use crate::{
    Entry,
    key::{Key, KeyRef},
};

/// A shard holds at least this much, so that any body that a manifest allows has room in it.
const SHARD_BYTES: u64 = 32 << 20;
/// With this many, a million answers make shards that grow within a few milliseconds.
const MOST_SHARDS: u64 = 64;
/// A page's fragment has about this size.
const USUAL_BYTES: u64 = 4 << 10;

/// Kept answers by key: S3-FIFO with a clock ([`quick_cache`]), so that what is asked for once displaces nothing that is asked
/// for again and again.
#[derive(Debug)]
pub(super) struct Store(sync::Cache<Key, Slot, Weigh, BuildHasherDefault<Hashed>, Leaving>);

/// An answer, and what it weighed when it was last put.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) entry: Arc<Entry>,
    pub(super) weight: u64,
}

#[derive(Debug, Clone)]
struct Weigh;

impl Weighter<Key, Slot> for Weigh {
    fn weight(&self, _: &Key, slot: &Slot) -> u64 {
        slot.weight
    }
}

/// Gathers what leaves, so that it is let go when no lock is held.
#[derive(Debug, Clone)]
struct Leaving;

impl Lifecycle<Key, Slot> for Leaving {
    type RequestState = Vec<Arc<Entry>>;

    fn on_evict(&self, left: &mut Self::RequestState, _: Key, slot: Slot) {
        left.push(slot.entry);
    }
}

/// Keys are hashed already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Store {
    pub(super) fn new(bytes: u64) -> Self {
        let shards = (bytes / SHARD_BYTES).clamp(1, MOST_SHARDS);
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(usize::try_from(bytes / USUAL_BYTES).unwrap_or(usize::MAX))
            .shards(usize::try_from(shards.next_power_of_two()).unwrap_or(1))
            .build()
            .expect("both capacities are given");
        Self(sync::Cache::with_options(
            options,
            Weigh,
            BuildHasherDefault::default(),
            Leaving,
        ))
    }

    pub(super) fn get(&self, key: KeyRef<'_>) -> Option<Slot> {
        self.0.get(&key)
    }

    /// Puts `entry`; gives what left for it: what had its key before, what was used least, or itself where it has no room.
    pub(super) fn put(&self, entry: &Arc<Entry>) -> Vec<Arc<Entry>> {
        let mut left = Vec::new();
        let slot = Slot {
            entry: Arc::clone(entry),
            weight: entry.weight(),
        };
        self.0.insert_with_lifecycle(entry.origin.key.clone(), slot, &mut left);
        left
    }

    /// Weighs `entry` anew; gives what left for it.
    pub(super) fn weigh(&self, entry: &Arc<Entry>) -> Vec<Arc<Entry>> {
        let mut left = Vec::new();
        let slot = Slot {
            entry: Arc::clone(entry),
            weight: entry.weight(),
        };
        // Where it has left meanwhile, it stays away.
        let _ = self
            .0
            .replace_with_lifecycle(entry.origin.key.clone(), slot, true, &mut left);
        left
    }

    /// Removes `entry`, but not another under its key.
    pub(super) fn remove(&self, entry: &Entry) {
        let is_same = |slot: &Slot| slot.entry.id == entry.id;
        self.0.remove_if(&entry.origin.key, is_same);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}
