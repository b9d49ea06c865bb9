//! What is read off the answers to a surge.

use std::time::Duration;

use super::surge::Answered;

/// Some of the answers.
pub(super) struct Answers {
    all: Vec<Answered>,
    span: Duration,
}

impl Answers {
    /// Those to what was due from `from` to before `to`.
    pub(super) fn between(all: &[Answered], from: Duration, to: Duration) -> Self {
        let some = all.iter().filter(|each| (from..to).contains(&each.due));
        Self {
            all: some.copied().collect(),
            span: to - from,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// How long they were asked for.
    pub(super) fn seconds(&self) -> f64 {
        self.span.as_secs_f64()
    }

    /// How many have this status.
    pub(super) fn with(&self, status: u16) -> usize {
        self.all.iter().filter(|each| each.status == status).count()
    }

    /// How long it took for so many of a thousand of those with this status.
    pub(super) fn took(&self, status: u16, per_mille: usize) -> Duration {
        let own = self.all.iter().filter(|each| each.status == status);
        let mut times: Vec<Duration> = own.map(|each| each.took).collect();
        times.sort_unstable();
        let at = (times.len() * per_mille / 1000).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default()
    }

    /// Until when anything was refused, failed, or took longer than `normal`.
    pub(super) fn last_unusual(&self, normal: Duration) -> Option<Duration> {
        let unusual = self.all.iter().filter(|each| each.status != 200 || each.took > normal);
        unusual.map(|each| each.due).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(due_ms: u64, took_ms: u64, status: u16) -> Answered {
        Answered {
            due: Duration::from_millis(due_ms),
            took: Duration::from_millis(took_ms),
            status,
        }
    }

    #[test]
    fn times_are_those_of_one_status_within_a_span() {
        let all: Vec<Answered> = (0..1_000)
            .map(|at| answered(at, at, if at % 2 == 0 { 200 } else { 503 }))
            .collect();
        let some = Answers::between(&all, Duration::from_millis(100), Duration::from_millis(300));
        assert_eq!((some.count(), some.with(503)), (200, 100));
        assert_eq!(some.took(503, 500), Duration::from_millis(201));
        assert_eq!(some.took(404, 500), Duration::ZERO);
    }

    #[test]
    fn it_is_over_after_the_last_that_was_refused_or_slow() {
        let all = [answered(10, 1, 503), answered(20, 60, 200), answered(30, 1, 200)];
        let all = Answers::between(&all, Duration::ZERO, Duration::MAX);
        let last = |normal| all.last_unusual(Duration::from_millis(normal));
        assert_eq!(last(50), Some(Duration::from_millis(20)));
        assert_eq!(last(70), Some(Duration::from_millis(10)));
    }
}
