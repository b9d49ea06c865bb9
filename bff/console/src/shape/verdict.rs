//! How a canary does, in a word and a sentence.

use contract::admin::{Arm, ReleaseView};
use fragments_console::{Notice, Tone, grouped, percent, rate_bp};

/// As few failures are chance, whatever share of a small sample they are; the analysis counts alike.
const FEWEST_FAILURES: u64 = 3;

/// One thing that is compared.
struct Rate {
    what: &'static str,
    ours: (u64, u64),
    theirs: (u64, u64),
    limit_bp: u64,
}

/// What its numbers say, compared with those of the stable versions at the same time.
pub(crate) fn verdict(release: &ReleaseView) -> Notice {
    let terms = &release.analysis;
    let failures = |arm: &Arm| (arm.errors.saturating_add(arm.deadline_misses), arm.requests);
    let reports = |arm: &Arm| (arm.reported_views, arm.page_views);
    let rates = [
        Rate {
            what: "requests failed",
            ours: failures(&release.ours),
            theirs: failures(&release.theirs),
            limit_bp: terms.max_failures_bp.into(),
        },
        Rate {
            what: "pages were reported broken",
            ours: reports(&release.ours),
            theirs: reports(&release.theirs),
            limit_bp: terms.max_reports_bp.into(),
        },
    ];
    let enough = u64::from(terms.min_sample.max(1));
    // Of equals the last is taken, which is to be the first.
    let judged = rates.iter().rev().filter(|rate| rate.ours.1 >= enough);
    let worst = judged.max_by_key(|rate| rate.tone() as u8);
    let Some(worst) = worst else {
        let seen = rates.iter().map(|rate| rate.ours.1).max().unwrap_or(0);
        return notice(
            Tone::Plain,
            "Too early to say",
            format!("{seen} of {enough} requests are needed to judge."),
        );
    };
    let title = match worst.tone() {
        Tone::Bad => "Failing",
        Tone::Warn => "Worse than stable",
        Tone::Good | Tone::Plain => "As good as stable",
    };
    notice(worst.tone(), title, worst.text())
}

impl Rate {
    fn tone(&self) -> Tone {
        let (ours, theirs) = (rate(self.ours), rate(self.theirs));
        if self.ours.0 >= FEWEST_FAILURES && ours > theirs.saturating_add(self.limit_bp) {
            Tone::Bad
        } else if self.ours.0 >= FEWEST_FAILURES && ours > theirs.saturating_add(self.limit_bp / 2) {
            Tone::Warn
        } else {
            Tone::Good
        }
    }

    fn text(&self) -> String {
        format!(
            "{} of {} {} ({}), of stable {} of {} ({}); limit +{}.",
            grouped(self.ours.0),
            grouped(self.ours.1),
            self.what,
            percent(rate(self.ours)),
            grouped(self.theirs.0),
            grouped(self.theirs.1),
            percent(rate(self.theirs)),
            percent(self.limit_bp),
        )
    }
}

/// Of nothing, nothing.
fn rate((part, whole): (u64, u64)) -> u64 {
    rate_bp(part, whole).unwrap_or(0)
}

fn notice(tone: Tone, title: &str, text: String) -> Notice {
    Notice {
        tone,
        title: title.into(),
        text,
        ..Notice::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::canary;

    fn of(ours: (u64, u64), theirs: (u64, u64)) -> Notice {
        let mut release = canary();
        let arm = |(failures, requests): (u64, u64)| Arm {
            requests,
            errors: failures / 2,
            deadline_misses: failures - failures / 2,
            ..Arm::default()
        };
        (release.ours, release.theirs) = (arm(ours), arm(theirs));
        verdict(&release)
    }

    #[test]
    fn nothing_is_judged_by_few_requests() {
        let early = of((12, 12), (0, 500));
        assert_eq!(
            (early.tone, early.text.as_str()),
            (Tone::Plain, "12 of 20 requests are needed to judge.")
        );
    }

    #[test]
    fn the_verdict_follows_the_terms() {
        for (ours, theirs, tone) in [
            ((0, 20), (0, 500), Tone::Good),
            ((2, 20), (0, 500), Tone::Good),
            ((3, 20), (0, 500), Tone::Bad),
            ((3, 100), (0, 500), Tone::Warn),
            ((60, 100), (300, 500), Tone::Good),
            ((20, 20), (0, 0), Tone::Bad),
        ] {
            assert_eq!(of(ours, theirs).tone, tone, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn the_worst_is_told() {
        let mut release = canary();
        release.ours.reported_views = 100;
        let told = verdict(&release);
        assert_eq!((told.tone, told.title.as_str()), (Tone::Bad, "Failing"));
        assert!(
            told.text
                .starts_with("100 of 200 pages were reported broken (50\u{a0}%)"),
            "{}",
            told.text
        );
    }
}
