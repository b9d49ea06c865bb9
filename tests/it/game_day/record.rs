//! What happened, for people who have to find out why.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Moves that are kept.
const KEPT: usize = 60;

/// The moves of a game, and its figures.
pub(super) struct Record {
    seed: u64,
    began: Instant,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    moves: VecDeque<String>,
    counts: BTreeMap<String, u64>,
    figures: Vec<String>,
}

impl Record {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            began: Instant::now(),
            inner: Mutex::default(),
        }
    }

    /// Notes a move.
    pub(super) fn note(&self, what: String) {
        let at = self.began.elapsed().as_secs_f64();
        let mut inner = self.inner();
        if inner.moves.len() == KEPT {
            inner.moves.pop_front();
        }
        inner.moves.push_back(format!("{at:8.3} s: {what}"));
    }

    /// Counts something.
    pub(super) fn count(&self, what: &str) {
        *self.inner().counts.entry(what.to_owned()).or_default() += 1;
    }

    /// How often that was.
    pub(super) fn counted(&self, what: &str) -> u64 {
        self.inner().counts.get(what).copied().unwrap_or_default()
    }

    /// Notes a figure for the end.
    pub(super) fn figure(&self, text: String) {
        self.inner().figures.push(text);
    }

    pub(super) fn last_moves(&self) -> String {
        Vec::from(self.inner().moves.clone()).join("\n")
    }

    pub(super) fn summary(&self) -> String {
        let inner = self.inner();
        let counts = inner.counts.iter().map(|(what, count)| format!("{count} {what}"));
        let counts: Vec<_> = counts.collect();
        format!(
            "seed {}, {:.0} s: {}\n{}",
            self.seed,
            self.began.elapsed().as_secs_f64(),
            counts.join(", "),
            inner.figures.join("\n")
        )
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
