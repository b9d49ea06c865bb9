//! Which slots a page's own fragment had when it was last shown: they may begin before it has answered.
//!
//! What is kept says only *which* slots, never what was in them, and a slot counts once two renderings in a row had it:
//! one that is there for a single visitor, or now and then, is not fetched for others. A guess that was wrong costs one
//! fetch, and the slot is forgotten.

use std::{fmt, sync::Arc};

use contract::SlotSource;
use quick_cache::sync::Cache;

/// So many fragments with params are kept, for one site.
const MOST_KEPT: usize = 1_024;
/// So many slots begin early, at most.
const MOST_SLOTS: usize = 16;
/// A fragment whose slots have longer addresses than this together begins none early.
const LONGEST_BYTES: usize = 2_048;

/// The slots of fragments that are pages, by what was asked for.
pub(crate) struct Learned {
    known: Cache<SlotSource, Arc<Known>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    /// The slots of the last rendering.
    last: Vec<SlotSource>,
    /// Those that the one before had too.
    stable: Vec<SlotSource>,
}

impl Default for Learned {
    fn default() -> Self {
        Self {
            known: Cache::new(MOST_KEPT),
        }
    }
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Learned").field("known", &self.known.len()).finish()
    }
}

impl Learned {
    /// The slots that `page` will probably have.
    pub(crate) fn slots(&self, page: &SlotSource) -> Vec<SlotSource> {
        let known = self.known.get(page);
        known.map(|known| known.stable.clone()).unwrap_or_default()
    }

    /// Notes that `page` had these slots.
    pub(crate) fn note<'s>(&self, page: &SlotSource, slots: impl Iterator<Item = &'s SlotSource>) {
        let slots: Vec<&SlotSource> = slots.take(MOST_SLOTS).collect();
        let before = self.known.get(page);
        if before.is_none() && slots.is_empty() {
            return;
        }
        let before = before.unwrap_or_default();
        let is_same = |known: &[SlotSource]| known.iter().eq(slots.iter().copied());
        if is_same(&before.last) && is_same(&before.stable) {
            return;
        }
        if length(page) + slots.iter().map(|slot| length(slot)).sum::<usize>() > LONGEST_BYTES {
            self.known.remove(page);
            return;
        }
        let stable = slots.iter().copied().filter(|slot| before.last.contains(slot));
        let known = Known {
            stable: stable.cloned().collect(),
            last: slots.into_iter().cloned().collect(),
        };
        self.known.insert(page.clone(), Arc::new(known));
    }
}

fn length(source: &SlotSource) -> usize {
    source.params.iter().map(|(name, value)| name.len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SlotSource {
        text.parse().unwrap()
    }

    fn note(learned: &Learned, page: &str, slots: &[&str]) {
        let slots: Vec<SlotSource> = slots.iter().map(|text| source(text)).collect();
        learned.note(&source(page), slots.iter());
    }

    fn slots(learned: &Learned, page: &str) -> Vec<String> {
        learned.slots(&source(page)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_slot_counts_when_two_renderings_in_a_row_had_it() {
        let learned = Learned::default();
        note(&learned, "a/page?id=1", &["a/part", "b/user?name=ada"]);
        assert!(slots(&learned, "a/page?id=1").is_empty());
        note(&learned, "a/page?id=1", &["a/part", "b/user?name=bob"]);
        assert_eq!(slots(&learned, "a/page?id=1"), ["a/part"]);
        assert!(slots(&learned, "a/page?id=2").is_empty(), "other params, other slots");
        note(&learned, "a/page?id=1", &[]);
        assert!(slots(&learned, "a/page?id=1").is_empty());
    }

    #[test]
    fn what_is_learned_is_bounded() {
        let learned = Learned::default();
        let many: Vec<String> = (0..40).map(|n| format!("a/part?n={n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = format!("a/part?n={}", "x".repeat(1_900));
        for _ in 0..2 {
            note(&learned, "a/page", &many);
            note(
                &learned,
                "a/long?n=12345678901234567890",
                &[
                    &long,
                    "a/part?m=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
                ],
            );
        }
        assert_eq!(slots(&learned, "a/page").len(), MOST_SLOTS);
        assert!(slots(&learned, "a/long?n=12345678901234567890").is_empty());
        for n in 0..3 * MOST_KEPT {
            note(&learned, &format!("a/page?n={n}"), &["a/part"]);
        }
        assert!(learned.known.len() <= MOST_KEPT);
    }
}
