//! Keeps what was used last, up to a weight.

use std::{collections::HashMap, hash::Hash};

/// Values by key; those that were used longest ago make room for new ones.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    held: HashMap<K, Held<V>>,
    clock: u64,
    weight: u64,
    limit: u64,
}

#[derive(Debug)]
struct Held<V> {
    value: V,
    weight: u64,
    used: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Recent<K, V> {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            held: HashMap::new(),
            clock: 0,
            weight: 0,
            limit,
        }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        self.clock += 1;
        let held = self.held.get_mut(key)?;
        held.used = self.clock;
        Some(held.value.clone())
    }

    /// Keeps `value`, in place of one with the same key; one that is heavier than the limit isn't kept.
    pub(crate) fn insert(&mut self, key: K, value: V, weight: u64) {
        self.remove(&key);
        if weight > self.limit {
            return;
        }
        while self.weight + weight > self.limit {
            let oldest = self.held.iter().min_by_key(|(_, held)| held.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            self.remove(&oldest);
        }
        self.clock += 1;
        self.weight += weight;
        let used = self.clock;
        self.held.insert(key, Held { value, weight, used });
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Some(gone) = self.held.remove(key) {
            self.weight -= gone.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let mut recent = Recent::new(3);
        for key in ["a", "b", "c"] {
            recent.insert(key, key, 1);
        }
        assert_eq!(recent.get(&"a"), Some("a"));
        recent.insert("d", "d", 1);
        assert_eq!((recent.get(&"b"), recent.get(&"a")), (None, Some("a")));
        recent.insert("e", "e", 3);
        assert_eq!((recent.get(&"a"), recent.get(&"e")), (None, Some("e")));
        recent.insert("f", "f", 4);
        assert_eq!((recent.get(&"f"), recent.get(&"e")), (None, Some("e")));
        recent.remove(&"e");
        recent.insert("g", "g", 3);
        assert_eq!(recent.get(&"g"), Some("g"));
    }
}
