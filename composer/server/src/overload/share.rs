//! Which share of the requests is refused, from how long work waits for the processor: a controller without a clock.

use std::time::Duration;

/// How quickly the share follows a wait that is above its target: for each target that it is above, per second.
const INTEGRAL: f64 = 0.4;
/// How far the share follows a wait that grows: for each target that it grows by.
const PROPORTIONAL: f64 = 0.1;
/// Of what is left of the share each second without a wait.
const DECAY: f64 = 0.05;
/// Something is always let through, or nothing would tell that the load is over.
const MOST: f64 = 0.98;

/// A share of requests that grows while work waits too long, as PIE does for packets (RFC 8033).
///
/// The wait is the sum of what came too much: a controller with an integral and a proportional part holds it at its target
/// for any load, without knowing what a request costs. One long wait may be a hiccup: only what two samples agree on
/// begins an overload. Within one, waits differ much from each other, and their mean counts.
#[derive(Debug, Clone)]
pub(super) struct Share {
    target: f64,
    last: f64,
    acted_on: f64,
    share: f64,
}

impl Share {
    pub(super) fn new() -> Self {
        Self {
            target: f64::INFINITY,
            last: 0.0,
            acted_on: 0.0,
            share: 0.0,
        }
    }

    /// Takes a sample of the wait, `since` the one before; gives the share from now on, 0 to 1.
    pub(super) fn sample(&mut self, wait: Duration, since: Duration, target: Duration) -> f64 {
        let (wait, since) = (wait.as_secs_f64(), since.as_secs_f64().min(0.5));
        self.target = target.as_secs_f64().max(1e-3);
        let agreed = match self.share > 0.0 {
            true => f64::midpoint(wait, self.last),
            false => wait.min(self.last),
        };
        let standing = agreed.min(1.0);
        self.last = wait;
        let (now, before) = (standing.max(self.target), self.acted_on.max(self.target));
        self.acted_on = standing;
        // In targets, as a longer wait is seen later, and has to be followed more slowly.
        let (above, grown) = ((standing - self.target) / self.target, (now - before) / self.target);
        self.share += INTEGRAL * since * above + PROPORTIONAL * grown;
        if standing < self.target / 2.0 {
            self.share *= DECAY.powf(since);
        }
        self.share = self.share.clamp(0.0, MOST);
        if self.share < 0.001 {
            self.share = 0.0;
        }
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(20);
    const STEP: Duration = Duration::from_millis(20);

    /// What a processor does that gets `load` times what it can do.
    #[derive(Debug, Default)]
    struct Course {
        /// Seconds of work that wait, after each step.
        waits: Vec<f64>,
        /// What was done of what could be.
        done: f64,
        shares: Vec<f64>,
    }

    fn run(share: &mut Share, waiting: &mut f64, load: f64, seconds: f64) -> Course {
        let mut course = Course::default();
        let (step, refusing) = (STEP.as_secs_f64(), 0.03);
        let mut refused = share.share;
        let steps = (seconds / step) as usize;
        for _ in 0..steps {
            let arrived = load * step;
            let work = arrived * (1.0 - refused) + arrived * refused * refusing;
            let done = (*waiting + work).min(step);
            *waiting = *waiting + work - done;
            course.done += done - arrived * refused * refusing;
            refused = share.sample(Duration::from_secs_f64(*waiting), STEP, TARGET);
            course.waits.push(*waiting);
            course.shares.push(refused);
        }
        course.done /= seconds;
        course
    }

    #[test]
    fn the_wait_is_held_near_its_target_whatever_the_load() {
        for load in [1.2, 2.0, 3.0, 6.0, 10.0] {
            let (mut share, mut waiting) = (Share::new(), 0.0);
            run(&mut share, &mut waiting, load, 3.0);
            let course = run(&mut share, &mut waiting, load, 10.0);
            let mean = course.waits.iter().sum::<f64>() / course.waits.len() as f64;
            let most = course.waits.iter().fold(0.0_f64, |most, wait| most.max(*wait));
            assert!((0.01..0.03).contains(&mean), "{load}: mean {mean}");
            assert!(most < 0.06, "{load}: most {most}");
            let left = 1.0 - 0.03 * (load - 1.0);
            assert!(course.done > 0.97 * left, "{load}: done {}", course.done);
        }
    }

    #[test]
    fn waits_that_differ_are_held_by_their_mean_once_there_is_an_overload() {
        let mut share = Share::new();
        let mut sampled = |wait_ms: u64| share.sample(Duration::from_millis(wait_ms), STEP, TARGET);
        let begun = [60, 60, 60, 60, 60, 1].map(&mut sampled)[5];
        let later = [60, 1].repeat(20).into_iter().map(sampled).last();
        assert!(begun > 0.0 && later > Some(begun), "{begun}, {later:?}");
    }

    #[test]
    fn nobody_is_refused_below_what_can_be_done_nor_for_one_hiccup() {
        let (mut share, mut waiting) = (Share::new(), 0.0);
        let course = run(&mut share, &mut waiting, 0.95, 10.0);
        assert!(course.shares.iter().all(|share| *share == 0.0));
        assert_eq!(share.sample(Duration::from_millis(400), STEP, TARGET), 0.0);
        assert_eq!(share.sample(Duration::from_millis(1), STEP, TARGET), 0.0);
        assert_eq!(share.sample(Duration::from_millis(1), STEP, TARGET), 0.0);
    }

    #[test]
    fn an_overload_that_is_over_is_forgotten_within_seconds() {
        let (mut share, mut waiting) = (Share::new(), 0.0);
        let course = run(&mut share, &mut waiting, 10.0, 20.0);
        assert!(*course.shares.last().unwrap() > 0.8);
        let after = run(&mut share, &mut waiting, 0.5, 3.0);
        assert_eq!(*after.shares.last().unwrap(), 0.0, "{:?}", after.shares);
    }
}
