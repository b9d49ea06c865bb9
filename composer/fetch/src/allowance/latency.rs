//! How long a fragment's heads take: the 95th percentile of the last ones.

use std::{
    sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

/// Times that are kept; fewer say nothing.
const KEPT: usize = 128;
const ENOUGH: usize = 100;
/// The percentile is taken anew after so many.
const EVERY: usize = 16;

/// One for each fragment of a version; no fetch waits for another.
#[derive(Debug)]
pub(crate) struct Latency {
    /// In microseconds.
    times: [AtomicU32; KEPT],
    noted: AtomicUsize,
    /// 0 as long as it isn't known.
    percentile: AtomicU32,
}

impl Latency {
    pub(crate) fn new() -> Self {
        Self {
            times: [const { AtomicU32::new(0) }; KEPT],
            noted: AtomicUsize::new(0),
            percentile: AtomicU32::new(0),
        }
    }

    pub(crate) fn note(&self, took: Duration) {
        let nth = self.noted.fetch_add(1, Relaxed);
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.times[nth % KEPT].store(micros.max(1), Relaxed);
        let noted = nth + 1;
        if noted >= ENOUGH && noted.is_multiple_of(EVERY) {
            self.percentile.store(self.compute(noted.min(KEPT)), Relaxed);
        }
    }

    /// The time in which 19 of 20 heads came; `None` when too few have come.
    pub(crate) fn percentile(&self) -> Option<Duration> {
        match self.percentile.load(Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros.into())),
        }
    }

    fn compute(&self, known: usize) -> u32 {
        let mut times: [u32; KEPT] = std::array::from_fn(|at| self.times[at].load(Relaxed));
        let (_, percentile, _) = times[..known].select_nth_unstable(known * 95 / 100);
        *percentile
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nineteen_of_twenty_are_faster() {
        let latency = Latency::new();
        for at in 0..111_u64 {
            assert_eq!(latency.percentile(), None);
            latency.note(Duration::from_millis(if at % 20 == 7 { 500 } else { 10 }));
        }
        latency.note(Duration::from_millis(10));
        assert_eq!(
            latency.percentile(),
            Some(Duration::from_millis(500)),
            "6 of 112 are slow"
        );
        for _ in 0..128 {
            latency.note(Duration::from_millis(20));
        }
        assert_eq!(latency.percentile(), Some(Duration::from_millis(20)));
    }
}
