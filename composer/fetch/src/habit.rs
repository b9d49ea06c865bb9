//! What a fragment's answers have been like until now: worth looking for in the cache, or not.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
    time::SystemTime,
};

use contract::FragmentName;
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{ResponseHead, freshness::Freshness};

/// The first answer decides.
const UNKNOWN: u8 = 1;
const PASSES: u8 = 0;
/// So many answers in a row that may not be kept make a fragment, whose answers were kept, one that passes by.
const MOST: u8 = 16;

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// Whether a fragment's answers are kept, as far as its last ones tell.
#[derive(Debug)]
pub(crate) struct Habit(AtomicU8);

/// The habits of an app's fragments in all its versions that somebody holds, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Habits(Mutex<Vec<(FragmentName, Weak<Habit>)>>);

impl Habits {
    /// The habit of a fragment of a new version: at first that of the newest version of which anything is known. Who releases
    /// keeps a crowd so from waiting together for what is for each alone.
    pub(crate) fn begin(&self, fragment: &FragmentName) -> Arc<Habit> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, habit)| habit.strong_count() > 0);
        let same = all.iter().rev().filter(|(name, _)| name == fragment);
        let mut scores = same.filter_map(|(_, habit)| Some(habit.upgrade()?.0.load(Relaxed)));
        let known = scores.find(|score| *score != UNKNOWN);
        // What was kept and isn't any more, two answers tell.
        let first = known.map_or(UNKNOWN, |score| score.min(UNKNOWN + 1));
        let habit = Arc::new(Habit(AtomicU8::new(first)));
        all.push((fragment.clone(), Arc::downgrade(&habit)));
        habit
    }
}

impl Default for Habit {
    fn default() -> Self {
        Self(AtomicU8::new(UNKNOWN))
    }
}

impl Habit {
    /// True when its answers go by the cache.
    pub(crate) fn passes(&self) -> bool {
        self.0.load(Relaxed) == PASSES
    }

    /// True when its answers have been kept before.
    pub(crate) fn keeps(&self) -> bool {
        self.0.load(Relaxed) > UNKNOWN
    }

    /// The head of an answer that goes by: one that may be kept makes the next ones worth looking for.
    pub(crate) fn see(&self, head: &ResponseHead) {
        let says_something = [&header::CACHE_CONTROL, &header::EXPIRES, &CDN_CACHE_CONTROL];
        if head.status != StatusCode::OK || !says_something.iter().any(|name| head.headers.contains_key(*name)) {
            return;
        }
        // What nearly all say that pass by, told without reading the rest.
        let control = head.headers.get(header::CACHE_CONTROL).map(HeaderValue::as_bytes);
        let is_plain = control.is_some_and(|text| text.starts_with(b"no-store") || text.starts_with(b"private"));
        if is_plain && !head.headers.contains_key(&CDN_CACHE_CONTROL) {
            return;
        }
        if Freshness::of(head, SystemTime::now()).is_ok() {
            self.learn(true);
        }
    }

    /// One more answer, that may be kept or not.
    pub(crate) fn learn(&self, is_kept: bool) {
        let score = self.0.load(Relaxed);
        let next = match is_kept {
            true if score <= UNKNOWN => MOST / 2,
            true => (score + 1).min(MOST),
            false => score.saturating_sub(1),
        };
        if next != score {
            // Of two answers at once either may be forgotten.
            self.0.store(next, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_decides_and_later_ones_weigh() {
        let habit = Habit::default();
        assert!(!habit.passes());
        habit.learn(false);
        assert!(habit.passes());
        habit.learn(true);
        assert!(!habit.passes());
        for _ in 0..7 {
            habit.learn(false);
        }
        assert!(
            !habit.passes(),
            "a visitor who has signed in spoils nothing for the others"
        );
        habit.learn(false);
        assert!(habit.passes());
    }

    #[test]
    fn a_version_begins_as_the_newest_one_that_knows() {
        let (habits, cart, tile) = (Habits::default(), "cart".parse().unwrap(), "tile".parse().unwrap());
        let first = habits.begin(&cart);
        assert!(!first.passes() && !first.keeps());
        first.learn(false);
        let unasked = habits.begin(&cart);
        assert!(unasked.passes());
        let other = habits.begin(&tile);
        assert!(!other.passes() && !other.keeps(), "another fragment is another");
        unasked.learn(true);
        let third = habits.begin(&cart);
        assert!(third.keeps() && first.passes());
        third.learn(false);
        assert!(!third.passes(), "one visitor who is signed in spoils nothing");
        third.learn(false);
        assert!(third.passes());
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let (habits, cart) = (Habits::default(), "cart".parse().unwrap());
        let held = habits.begin(&cart);
        for _ in 0..1_000 {
            drop(habits.begin(&cart));
        }
        assert!(habits.0.lock().unwrap().len() <= 2);
        held.learn(false);
        assert!(habits.begin(&cart).passes());
    }
}
