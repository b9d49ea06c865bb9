//! Judges a canary by what happened to its users, compared with all others at the same time. No clock, no IO.

use std::{fmt, ops::Sub};

use contract::admin::AnalysisTerms;

/// Fewer failures than this are chance, whatever share of a small sample they are.
const FEWEST_FAILURES: u64 = 3;
/// How sure a short look must be, in standard deviations: it is taken each second, for days.
const SURE: f64 = 3.0;

/// How often something happened, and how often it went wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) samples: u64,
    pub(crate) failures: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Requests to a BFF.
    Requests,
    /// Page views, of which browsers report what broke.
    Reports,
}

/// The stretch of time that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Since the canary began.
    Whole,
    /// The last so many seconds: what breaks late must not hide behind a good start.
    Last(u64),
}

/// One comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) kind: Kind,
    pub(crate) look: Look,
    pub(crate) ours: Tally,
    pub(crate) theirs: Tally,
}

/// Why a canary has failed. Displayed, it is the reason for the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    comparison: Comparison,
    ours: String,
    theirs: String,
    limit_bp: u16,
}

/// Judges by `terms`; `ours` and `theirs` name both sides for people, an empty name is no version.
///
/// The whole time fails by the plain rule of the terms. A shorter look is taken again and again, and fails only when chance
/// is no explanation: when the lower bound of the interval around its rate (Wilson) is beyond the limit.
pub(crate) fn judge(terms: &AnalysisTerms, comparison: Comparison, ours: &str, theirs: &str) -> Option<Failure> {
    let limit_bp = match comparison.kind {
        Kind::Requests => terms.max_failures_bp,
        Kind::Reports => terms.max_reports_bp,
    };
    let seen = comparison.ours;
    if seen.samples < u64::from(terms.min_sample).max(1) || seen.failures < FEWEST_FAILURES {
        return None;
    }
    let rate = match comparison.look {
        Look::Whole => seen.rate(),
        Look::Last(_) => seen.rate_at_least(),
    };
    let limit = comparison.theirs.rate() + f64::from(limit_bp) / 10_000.0;
    (rate > limit).then(|| Failure {
        comparison,
        ours: ours.into(),
        theirs: theirs.into(),
        limit_bp,
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^52")]
impl Tally {
    fn rate(self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.failures as f64 / self.samples as f64
        }
    }

    /// The lower end of the Wilson score interval.
    fn rate_at_least(self) -> f64 {
        if self.samples == 0 {
            return 0.0;
        }
        let (n, p) = (self.samples as f64, self.rate());
        let spread = SURE * (p * (1.0 - p) / n + SURE * SURE / (4.0 * n * n)).sqrt();
        (p + SURE * SURE / (2.0 * n) - spread) / (1.0 + SURE * SURE / n)
    }
}

impl Sub for Tally {
    type Output = Self;

    /// What was added since `earlier`.
    fn sub(self, earlier: Self) -> Self {
        Self {
            samples: self.samples.saturating_sub(earlier.samples),
            failures: self.failures.saturating_sub(earlier.failures),
        }
    }
}

/// Writes `24 of 31 requests (77 %)`, without the word.
struct Part<'w>(Tally, &'w str);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(tally, word) = self;
        let percent = tally.rate() * 100.0;
        write!(f, "{} of {}{word} ({percent:.0} %)", tally.failures, tally.samples)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            kind,
            look,
            ours,
            theirs,
        } = self.comparison;
        let (verb, word) = match kind {
            Kind::Requests => ("failed", " requests"),
            Kind::Reports => ("broke in browsers on", " pages"),
        };
        write!(f, "{} {verb} {}", self.ours, Part(ours, word))?;
        if let Look::Last(seconds) = look {
            write!(f, " in {seconds} s")?;
        }
        if !self.theirs.is_empty() {
            write!(f, ", stable {} {}", self.theirs, Part(theirs, ""))?;
        }
        let (whole, part) = (self.limit_bp / 100, self.limit_bp % 100);
        write!(f, ", limit +{whole}")?;
        if part > 0 {
            write!(f, ".{part:02}")?;
        }
        f.write_str(" %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(failures: u64, samples: u64) -> Tally {
        Tally { samples, failures }
    }

    fn comparison(look: Look, ours: Tally, theirs: Tally) -> Comparison {
        Comparison {
            kind: Kind::Requests,
            look,
            ours,
            theirs,
        }
    }

    fn fails(look: Look, ours: Tally, theirs: Tally) -> bool {
        let terms = AnalysisTerms::default();
        judge(&terms, comparison(look, ours, theirs), "a@2.0.0", "a@1.0.0").is_some()
    }

    #[test]
    fn the_whole_time_is_judged_by_the_plain_rule() {
        for (ours, theirs, expected) in [
            ((0, 0), (0, 0), false),
            ((19, 19), (0, 100), false),
            ((20, 20), (0, 100), true),
            ((2, 20), (0, 100), false),
            ((3, 20), (0, 100), true),
            ((3, 60), (0, 100), false),
            ((4, 60), (0, 100), true),
            ((60, 100), (60, 100), false),
            ((66, 100), (60, 100), true),
            ((20, 20), (0, 0), true),
            ((5, 100), (1, 100), false),
        ] {
            let found = fails(Look::Whole, tally(ours.0, ours.1), tally(theirs.0, theirs.1));
            assert_eq!(found, expected, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn a_short_look_needs_more_than_chance() {
        for (ours, theirs, expected) in [
            ((3, 20), (0, 100), false),
            ((20, 20), (0, 100), true),
            ((10, 20), (0, 100), true),
            ((4, 60), (0, 100), false),
            ((100, 600), (0, 6_000), true),
            ((60, 100), (60, 100), false),
        ] {
            let found = fails(Look::Last(60), tally(ours.0, ours.1), tally(theirs.0, theirs.1));
            assert_eq!(found, expected, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn the_terms_decide() {
        let strict = AnalysisTerms {
            min_sample: 1_000,
            max_failures_bp: 0,
            max_reports_bp: 10_000,
        };
        let check = |kind, ours| {
            let comparison = Comparison {
                kind,
                ..comparison(Look::Whole, ours, tally(0, 1_000))
            };
            judge(&strict, comparison, "a", "b").is_some()
        };
        assert!(!check(Kind::Requests, tally(999, 999)));
        assert!(check(Kind::Requests, tally(3, 1_000)));
        assert!(
            !check(Kind::Reports, tally(1_000, 1_000)),
            "reports are never beyond everybody"
        );
    }

    #[test]
    fn a_reason_says_what_was_seen() {
        let terms = AnalysisTerms::default();
        let said = |comparison, theirs| {
            let failure = judge(&terms, comparison, "checkout@1.5.0", theirs);
            failure.unwrap().to_string()
        };
        let whole = comparison(Look::Whole, tally(24, 31), tally(0, 590));
        assert_eq!(
            said(whole, "checkout@1.4.2"),
            "checkout@1.5.0 failed 24 of 31 requests (77 %), stable checkout@1.4.2 0 of 590 (0 %), limit +5 %"
        );
        let reports = Comparison {
            kind: Kind::Reports,
            look: Look::Last(60),
            ..whole
        };
        assert_eq!(
            said(reports, ""),
            "checkout@1.5.0 broke in browsers on 24 of 31 pages (77 %) in 60 s, limit +5 %"
        );
    }
}
