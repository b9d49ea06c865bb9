//! The course of one canary: both sides' counts from its beginning, second by second.

use std::collections::{BTreeMap, VecDeque};

use composer_fetch::Numbers;
use contract::{
    AppVersion,
    admin::{AnalysisTerms, Arm, Sample},
};

use super::analysis::{Comparison, Failure, Kind, Look, Tally, judge};

/// Samples of the whole course.
const MOST_SAMPLES: usize = 120;
/// Stretches that are looked at beside the whole time, in seconds.
const LOOKS: [usize; 2] = [15, 60];
/// As long as the longest of them.
const SECONDS: usize = 61;

/// One app of a canary: its version, and the stable one, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) ours: AppVersion,
    pub(crate) theirs: Option<AppVersion>,
}

/// Page views of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PageViews {
    pub(crate) seen: u64,
    pub(crate) reported: u64,
}

/// What has happened until a second.
#[derive(Debug, Clone, Default)]
struct Second {
    requests: Vec<(Tally, Tally)>,
    reports: (Tally, Tally),
}

/// What is known of a canary under way.
#[derive(Debug)]
pub(crate) struct Course {
    pairs: Vec<Pair>,
    /// What the counters said when the canary began.
    begun: BTreeMap<AppVersion, Numbers>,
    pub(crate) ours: PageViews,
    pub(crate) theirs: PageViews,
    seconds: VecDeque<Second>,
    pub(crate) arms: (Arm, Arm),
    pub(crate) samples: Vec<Sample>,
    /// Every so many seconds one sample is kept.
    stride: u64,
    ticks: u64,
}

impl Course {
    /// Begins now; `read` gives what the counters of a version say.
    pub(crate) fn begin(pairs: Vec<Pair>, read: impl Fn(&AppVersion) -> Numbers) -> Self {
        let versions = pairs.iter().flat_map(|pair| [Some(&pair.ours), pair.theirs.as_ref()]);
        let begun = versions.flatten().map(|version| (version.clone(), read(version)));
        Self {
            begun: begun.collect(),
            pairs,
            ours: PageViews::default(),
            theirs: PageViews::default(),
            seconds: VecDeque::new(),
            arms: (Arm::default(), Arm::default()),
            samples: vec![],
            stride: 1,
            ticks: 0,
        }
    }

    /// Tells whether it is about these versions.
    pub(crate) fn is_about(&self, pairs: &[Pair]) -> bool {
        self.pairs == pairs
    }

    /// Takes what another second has brought, and judges it.
    pub(crate) fn tick(
        &mut self,
        at_ms: u64,
        share_bp: u16,
        terms: &AnalysisTerms,
        read: impl Fn(&AppVersion) -> Numbers,
    ) -> Option<Failure> {
        let since = |version: &AppVersion| read(version) - self.begun.get(version).copied().unwrap_or_default();
        let counted: Vec<(Numbers, Numbers)> = self
            .pairs
            .iter()
            .map(|pair| (since(&pair.ours), pair.theirs.as_ref().map(since).unwrap_or_default()))
            .collect();
        self.arms = (
            arm(counted.iter().map(|(ours, _)| *ours), self.ours),
            arm(counted.iter().map(|(_, theirs)| *theirs), self.theirs),
        );
        let second = Second {
            requests: counted
                .iter()
                .map(|(ours, theirs)| (tally(*ours), tally(*theirs)))
                .collect(),
            reports: (self.ours.tally(), self.theirs.tally()),
        };
        self.keep_sample(at_ms, share_bp);
        let failure = self.judge(terms, &second);
        self.seconds.push_back(second);
        if self.seconds.len() > SECONDS {
            self.seconds.pop_front();
        }
        failure
    }

    fn judge(&self, terms: &AnalysisTerms, now: &Second) -> Option<Failure> {
        let nothing = Second {
            requests: vec![(Tally::default(), Tally::default()); now.requests.len()],
            ..Second::default()
        };
        let whole = self.compare(terms, Look::Whole, now, &nothing);
        whole.or_else(|| {
            LOOKS.iter().find_map(|seconds| {
                let before = self.seconds.len().checked_sub(*seconds).map(|at| &self.seconds[at])?;
                self.compare(terms, Look::Last(*seconds as u64), now, before)
            })
        })
    }

    fn compare(&self, terms: &AnalysisTerms, look: Look, now: &Second, before: &Second) -> Option<Failure> {
        let requests = self.pairs.iter().zip(now.requests.iter().zip(&before.requests));
        let mut requests = requests.filter_map(|(pair, (now, before))| {
            let comparison = Comparison {
                kind: Kind::Requests,
                look,
                ours: now.0 - before.0,
                theirs: now.1 - before.1,
            };
            let theirs = pair.theirs.as_ref().map(ToString::to_string).unwrap_or_default();
            judge(terms, comparison, &pair.ours.to_string(), &theirs)
        });
        requests.next().or_else(|| {
            let comparison = Comparison {
                kind: Kind::Reports,
                look,
                ours: now.reports.0 - before.reports.0,
                theirs: now.reports.1 - before.reports.1,
            };
            let ours = names(self.pairs.iter().map(|pair| &pair.ours));
            let theirs = names(self.pairs.iter().filter_map(|pair| pair.theirs.as_ref()));
            judge(terms, comparison, &ours, &theirs)
        })
    }

    /// Keeps the whole course in few samples: when there are too many, every other goes.
    fn keep_sample(&mut self, at_ms: u64, share_bp: u16) {
        let due = self.ticks.is_multiple_of(self.stride);
        self.ticks += 1;
        if !due {
            return;
        }
        if self.samples.len() >= MOST_SAMPLES {
            let mut at = 0;
            self.samples.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.stride *= 2;
        }
        self.samples.push(Sample {
            at_ms,
            share_bp,
            ours: self.arms.0,
            theirs: self.arms.1,
        });
    }
}

impl PageViews {
    fn tally(self) -> Tally {
        Tally {
            samples: self.seen,
            failures: self.reported,
        }
    }
}

fn tally(numbers: Numbers) -> Tally {
    Tally {
        samples: numbers.requests,
        failures: numbers.failures(),
    }
}

fn arm(numbers: impl Iterator<Item = Numbers>, views: PageViews) -> Arm {
    let start = Arm {
        page_views: views.seen,
        reported_views: views.reported,
        ..Arm::default()
    };
    numbers.fold(start, |arm, numbers| Arm {
        requests: arm.requests + numbers.requests,
        errors: arm.errors + numbers.errors,
        deadline_misses: arm.deadline_misses + numbers.deadlines,
        ..arm
    })
}

fn names<'v>(versions: impl Iterator<Item = &'v AppVersion>) -> String {
    versions.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(requests: u64, errors: u64) -> Numbers {
        Numbers {
            requests,
            errors,
            deadlines: 0,
        }
    }

    fn pairs() -> Vec<Pair> {
        vec![Pair {
            ours: "a@2.0.0".parse().unwrap(),
            theirs: "a@1.0.0".parse().ok(),
        }]
    }

    fn reader(ours: Numbers, theirs: Numbers) -> impl Fn(&AppVersion) -> Numbers {
        move |version| {
            if version.version.as_str() == "2.0.0" {
                ours
            } else {
                theirs
            }
        }
    }

    #[test]
    fn only_what_happens_after_the_beginning_counts() {
        let mut course = Course::begin(pairs(), reader(numbers(500, 400), numbers(1_000, 0)));
        let terms = AnalysisTerms::default();
        let tick = course.tick(1, 500, &terms, reader(numbers(520, 400), numbers(1_100, 0)));
        assert_eq!(tick, None);
        assert_eq!(
            (course.arms.0.requests, course.arms.0.errors, course.arms.1.requests),
            (20, 0, 100)
        );
        let tick = course.tick(2, 500, &terms, reader(numbers(531, 424), numbers(1_590, 0)));
        let reason = tick.unwrap().to_string();
        assert_eq!(
            reason,
            "a@2.0.0 failed 24 of 31 requests (77 %), stable a@1.0.0 0 of 590 (0 %), limit +5 %"
        );
    }

    #[test]
    fn what_breaks_late_is_seen_soon() {
        let mut course = Course::begin(pairs(), reader(numbers(0, 0), numbers(0, 0)));
        let terms = AnalysisTerms::default();
        for second in 1..=1_000 {
            let tick = course.tick(second, 500, &terms, reader(numbers(50 * second, 0), numbers(0, 0)));
            assert_eq!(tick, None, "{second}");
        }
        let broken = (1..=10).find_map(|second| {
            let after = numbers(50_000 + 50 * second, 50 * second);
            let failure = course.tick(1_000 + second, 500, &terms, reader(after, numbers(0, 0)));
            failure.map(|failure| (second, failure.to_string()))
        });
        let (second, reason) = broken.expect("ten seconds are enough");
        assert!(second <= 3 && reason.contains(" in 15 s"), "{second}: {reason}");
    }

    #[test]
    fn reports_of_browsers_count_over_page_views() {
        let mut course = Course::begin(pairs(), reader(numbers(0, 0), numbers(0, 0)));
        course.ours = PageViews { seen: 40, reported: 20 };
        course.theirs = PageViews { seen: 400, reported: 4 };
        let tick = course.tick(1, 500, &AnalysisTerms::default(), reader(numbers(0, 0), numbers(0, 0)));
        assert_eq!(
            tick.unwrap().to_string(),
            "a@2.0.0 broke in browsers on 20 of 40 pages (50 %), stable a@1.0.0 4 of 400 (1 %), limit +5 %"
        );
        assert_eq!((course.arms.0.page_views, course.arms.0.reported_views), (40, 20));
    }

    #[test]
    fn a_long_course_has_few_samples() {
        let mut course = Course::begin(pairs(), reader(numbers(0, 0), numbers(0, 0)));
        for second in 0..10_000 {
            course.tick(
                second,
                500,
                &AnalysisTerms::default(),
                reader(numbers(second, 0), numbers(0, 0)),
            );
        }
        assert!(
            (60..=MOST_SAMPLES).contains(&course.samples.len()),
            "{}",
            course.samples.len()
        );
        assert_eq!(course.samples[0].at_ms, 0);
        let gaps: Vec<u64> = course
            .samples
            .windows(2)
            .map(|two| two[1].at_ms - two[0].at_ms)
            .collect();
        assert!(gaps.iter().all(|gap| *gap == gaps[0]), "{gaps:?}");
    }
}
