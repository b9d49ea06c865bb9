//! How many requests may be under way, from how long work waits for the processor: a controller without a clock.

use std::time::Duration;

/// What the window follows of the work that waits too long, or could wait longer, with each sample.
const GAIN: f64 = 0.5;
/// How quickly the window grows while the processor has nothing to do, in its own size per second.
const GROWTH: f64 = 2.0;
/// How often requests are let in is told by about so many seconds.
const RATE_S: f64 = 0.5;
/// What waits does so for others' sake, or was let wait a moment before, while there is such a share of the time for more.
const SPARE: f64 = 0.15;
/// No wait says more than one of so many seconds.
const LONGEST_S: f64 = 0.5;
/// An overload is over when nobody was refused, and nothing waited for too long, for such a time.
const CALM: Duration = Duration::from_millis(500);

/// As many requests as keep the processor busy, while there are more.
///
/// One is let in when another ends, so that the work at hand stays the same whatever comes, and whatever a request costs:
/// a share of what comes would follow each of its swings. By Little's law a wait is as many requests as are let in
/// in its time, and by as many the window is too large. One long wait may be a hiccup: only what two samples agree on begins
/// an overload. Within one, waits differ much from each other, and their mean counts.
#[derive(Debug, Clone)]
pub(super) struct Window {
    few: f64,
    size: Option<f64>,
    last_wait: f64,
    last_idle: f64,
    per_second: f64,
    calm: Duration,
}

/// What happened since the sample before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// How long work waits.
    pub(super) wait: Duration,
    /// How long it may.
    pub(super) target: Duration,
    /// The share of the time in which there was nothing to do.
    pub(super) idle: f64,
    /// The time since the sample before.
    pub(super) since: Duration,
    /// Requests that are under way.
    pub(super) under_way: usize,
    /// Requests that were let in.
    pub(super) let_in: u64,
    /// Requests that were not.
    pub(super) refused: u64,
}

impl Window {
    /// While `few` are under way, no overload begins; within one, a quarter of them is always let in.
    pub(super) fn new(few: usize) -> Self {
        Self {
            few: count(few),
            size: None,
            last_wait: 0.0,
            last_idle: 1.0,
            per_second: 0.0,
            calm: Duration::ZERO,
        }
    }

    /// Requests that are let in each second.
    pub(super) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// Gives the size from now on; `None` while everybody is let in.
    pub(super) fn sample(&mut self, seen: &Seen) -> Option<usize> {
        let since = seen.since.as_secs_f64().clamp(1e-3, LONGEST_S);
        let target = seen.target.as_secs_f64();
        let waits = self.follow(seen, since);
        let under_way = count(seen.under_way);
        let size = match self.size {
            Some(size) => size,
            None if waits > target && under_way > self.few => under_way,
            None => return None,
        };
        let is_calm = waits < target && seen.refused == 0;
        self.calm = if is_calm {
            self.calm + seen.since
        } else {
            Duration::ZERO
        };
        if self.calm >= CALM {
            self.calm = Duration::ZERO;
            self.size = None;
            return None;
        }
        let mut size = size + GAIN * self.per_second * (target - waits.min(LONGEST_S));
        if waits < target / 2.0 && seen.refused > 0 {
            size *= 1.0 + GROWTH * since;
        }
        // What nobody makes use of doesn't grow.
        let size = size.clamp(self.few / 4.0, (2.0 * under_way).max(self.few));
        self.size = Some(size);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of requests"
        )]
        Some(size as usize)
    }

    /// Takes note of a sample; gives how long work waits for nothing but work.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    fn follow(&mut self, seen: &Seen, since: f64) -> f64 {
        let weight = 1.0 - (-since / RATE_S).exp();
        self.per_second += (seen.let_in as f64 / since - self.per_second) * weight;
        let wait = seen.wait.as_secs_f64();
        let idle = f64::midpoint(seen.idle, std::mem::replace(&mut self.last_idle, seen.idle));
        let before = std::mem::replace(&mut self.last_wait, wait);
        match self.size {
            _ if idle > SPARE => 0.0,
            Some(_) => f64::midpoint(wait, before),
            None => wait.min(before),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests")]
fn count(of: usize) -> f64 {
    of as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(3);
    const STEP: f64 = 0.02;
    const FEW: usize = 32;

    /// A processor that does so many requests a second, each of which waits for it four times, and for others between.
    #[derive(Debug, Clone, Copy)]
    struct Machine {
        per_second: f64,
        elsewhere_s: f64,
        /// Streams that are under way and do nothing.
        idle: f64,
    }

    #[derive(Debug, Default)]
    struct Course {
        done: f64,
        waits_ms: Vec<f64>,
        sizes: Vec<Option<usize>>,
    }

    /// What the machine does that is asked `load` times as often as it can.
    fn run(window: &mut Window, under_way: &mut f64, machine: Machine, load: f64, seconds: f64) -> Course {
        let mut course = Course::default();
        let mut size = window.size.unwrap_or(f64::INFINITY);
        for _ in 0..(seconds / STEP) as usize {
            let (mut let_in, mut refused, mut done_here) = (0.0, 0.0, 0.0);
            for _ in 0..20 {
                let arrived = load * machine.per_second * 1e-3;
                let place = (size - machine.idle - *under_way).clamp(0.0, arrived);
                // What the others do of it comes back later.
                let elsewhere = machine.per_second * machine.elsewhere_s;
                let here = (*under_way - elsewhere.min(*under_way * 0.999)).max(*under_way * 1e-3);
                let done = (machine.per_second * 1e-3).min(here);
                *under_way += place - done;
                done_here += done;
                let_in += place;
                refused += arrived - place;
            }
            let here = (*under_way - machine.per_second * machine.elsewhere_s).max(0.0);
            let wait = here / machine.per_second / 4.0;
            let seen = Seen {
                wait: Duration::from_secs_f64(wait),
                target: TARGET,
                idle: 1.0 - done_here / machine.per_second / STEP,
                since: Duration::from_secs_f64(STEP),
                under_way: (*under_way + machine.idle) as usize,
                let_in: let_in as u64,
                refused: refused as u64,
            };
            let now = window.sample(&seen);
            size = now.map_or(f64::INFINITY, |size| size as f64);
            course.done += done_here;
            course.sizes.push(now);
            course.waits_ms.push(wait * 1e3);
        }
        course.done /= seconds * machine.per_second;
        course
    }

    const MACHINE: Machine = Machine {
        per_second: 3_000.0,
        elsewhere_s: 0.0,
        idle: 0.0,
    };

    #[test]
    fn the_processor_is_kept_busy_and_nothing_waits_long_whatever_the_load() {
        for load in [1.2, 2.0, 3.0, 6.0, 10.0] {
            for machine in [
                MACHINE,
                Machine {
                    per_second: 300.0,
                    ..MACHINE
                },
                Machine {
                    elsewhere_s: 0.2,
                    ..MACHINE
                },
                Machine { idle: 700.0, ..MACHINE },
            ] {
                let (mut window, mut under_way) = (Window::new(FEW), 0.0);
                run(&mut window, &mut under_way, machine, load, 3.0);
                let course = run(&mut window, &mut under_way, machine, load, 10.0);
                let mean = course.waits_ms.iter().sum::<f64>() / course.waits_ms.len() as f64;
                let least = FEW as f64 / 4.0 / machine.per_second * 1e3 / 4.0;
                assert!(mean < 4.0_f64.max(1.5 * least), "{load} {machine:?}: mean {mean}");
                assert!(course.done > 0.93, "{load} {machine:?}: done {}", course.done);
            }
        }
    }

    #[test]
    fn nobody_is_refused_below_what_can_be_done_nor_for_one_hiccup() {
        let (mut window, mut under_way) = (Window::new(FEW), 0.0);
        let course = run(&mut window, &mut under_way, MACHINE, 0.95, 10.0);
        assert!(course.sizes.iter().all(Option::is_none));
        let mut sampled = |wait_ms| {
            window.sample(&Seen {
                wait: Duration::from_millis(wait_ms),
                target: TARGET,
                idle: 0.0,
                since: Duration::from_millis(20),
                under_way: 500,
                let_in: 60,
                refused: 0,
            })
        };
        let before: Vec<_> = [1; 50].map(&mut sampled).into();
        assert!(before.iter().all(Option::is_none));
        assert_eq!(sampled(400), None);
        assert_eq!(sampled(1), None);
        assert_eq!(sampled(10), None);
        assert!(sampled(10).is_some());
    }

    #[test]
    fn nobody_is_refused_while_there_is_time_for_more() {
        let mut window = Window::new(FEW);
        for idle in [0.3, 0.2] {
            for _ in 0..100 {
                let size = window.sample(&Seen {
                    wait: Duration::from_millis(400),
                    target: TARGET,
                    idle,
                    since: Duration::from_millis(20),
                    under_way: 500,
                    let_in: 60,
                    refused: 0,
                });
                assert_eq!(size, None);
            }
        }
    }

    #[test]
    fn few_are_never_too_many() {
        let mut window = Window::new(FEW);
        let mut size = None;
        for under_way in [32; 50].into_iter().chain([33; 50]) {
            assert_eq!(size, None);
            size = window.sample(&Seen {
                wait: Duration::from_millis(400),
                target: TARGET,
                idle: 0.0,
                since: Duration::from_millis(20),
                under_way,
                let_in: 2,
                refused: 0,
            });
            if under_way > 32 {
                assert!(size.is_some_and(|size| size <= 33));
                break;
            }
        }
    }

    #[test]
    fn an_overload_that_is_over_is_forgotten_within_a_second() {
        let (mut window, mut under_way) = (Window::new(FEW), 0.0);
        let course = run(&mut window, &mut under_way, MACHINE, 10.0, 10.0);
        assert!(course.sizes.last().is_some_and(Option::is_some));
        let after = run(&mut window, &mut under_way, MACHINE, 0.5, 1.0);
        assert_eq!(after.sizes.last(), Some(&None), "{:?}", after.sizes);
    }
}
