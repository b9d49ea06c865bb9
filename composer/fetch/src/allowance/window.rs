//! The last outcomes of a version, exactly: at most 64, none older than ten seconds.

/// Outcomes that are kept.
const LENGTH: usize = 64;
/// For so long, in milliseconds.
const LASTS_MS: u64 = 10_000;
/// Fewer outcomes say nothing.
const ENOUGH: u32 = 20;

/// A ring of outcomes, the oldest at `first`.
#[derive(Debug)]
pub(super) struct Window {
    at_ms: [u64; LENGTH],
    /// One bit for each place of the ring.
    failed: u64,
    first: usize,
    length: usize,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self {
            at_ms: [0; LENGTH],
            failed: 0,
            first: 0,
            length: 0,
        }
    }

    pub(super) fn push(&mut self, now_ms: u64, failed: bool) {
        self.forget(now_ms);
        if self.length == LENGTH {
            self.drop_first();
        }
        let place = (self.first + self.length) % LENGTH;
        self.at_ms[place] = now_ms;
        self.failed |= u64::from(failed) << place;
        self.length += 1;
    }

    /// How many of how many failed.
    pub(super) fn count(&mut self, now_ms: u64) -> (u32, u32) {
        self.forget(now_ms);
        (self.failed.count_ones(), u32::try_from(self.length).unwrap_or(u32::MAX))
    }

    /// Tells whether more than `percent` of enough outcomes failed.
    pub(super) fn is_broken(&mut self, now_ms: u64, percent: u32) -> bool {
        let (failed, all) = self.count(now_ms);
        all >= ENOUGH && failed * 100 > all * percent
    }

    fn forget(&mut self, now_ms: u64) {
        while self.length > 0 && self.at_ms[self.first] + LASTS_MS <= now_ms {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        self.failed &= !(1 << self.first);
        self.first = (self.first + 1) % LENGTH;
        self.length -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    fn it_holds_exactly_the_last_outcomes() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut window, mut plain) = (Window::new(), VecDeque::new());
        let mut now = 0;
        for _ in 0..20_000 {
            now += random.u64(..400);
            let failed = random.bool();
            window.push(now, failed);
            plain.push_back((now, failed));
            while plain.len() > LENGTH || plain.front().is_some_and(|(at, _)| at + LASTS_MS <= now) {
                plain.pop_front();
            }
            let failures = plain.iter().filter(|(_, failed)| *failed).count();
            let told = window.count(now);
            assert_eq!((told.0 as usize, told.1 as usize), (failures, plain.len()));
        }
    }

    #[test]
    fn half_of_enough_is_not_broken_and_more_is() {
        let mut window = Window::new();
        for _ in 0..19 {
            window.push(5, true);
        }
        assert!(!window.is_broken(5, 50), "19 say nothing");
        window.push(5, true);
        assert!(window.is_broken(5, 50));
        for _ in 0..20 {
            window.push(6, false);
        }
        assert!(!window.is_broken(6, 50), "20 of 40");
        window.push(7, true);
        assert!(window.is_broken(7, 50), "21 of 41");
        assert!(!window.is_broken(10_005, 50), "what is old is forgotten");
    }
}
