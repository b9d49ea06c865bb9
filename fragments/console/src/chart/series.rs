//! Which lines the charts of a canary have.

use super::{
    Chart, Series,
    scale::{ALL_BP, below, line, rate_bp, spread, stairs, top_bp, x, y},
    words::{grouped, percent, span},
};
use crate::{Arm, Canary, Sample};

const ROWS: usize = 12;

/// A rate that both sides have.
struct Rate {
    id: &'static str,
    title: &'static str,
    what: &'static str,
    /// How many of how many.
    of: fn(&Arm) -> (u64, u64),
    /// How much more than the stable versions' ends the canary, in basis points.
    limit_bp: u64,
}

/// Failed requests of both sides.
pub(crate) fn failures(canary: &Canary) -> Chart {
    let of = |arm: &Arm| (arm.errors.saturating_add(arm.late), arm.requests);
    both(
        canary,
        &Rate {
            id: "failures",
            title: "Failed requests",
            what: "failed requests",
            of,
            limit_bp: canary.max_failures_bp.into(),
        },
    )
}

/// Page views that browsers reported something broken of, of both sides.
pub(crate) fn reports(canary: &Canary) -> Chart {
    both(
        canary,
        &Rate {
            id: "reports",
            title: "Pages reported broken by browsers",
            what: "pages reported broken",
            of: |arm| (arm.reports, arm.views),
            limit_bp: canary.max_reports_bp.into(),
        },
    )
}

/// The share of users over time.
pub(crate) fn share(canary: &Canary) -> Chart {
    let end = last_second(&canary.samples);
    let points = canary.samples.iter();
    let path = stairs(points.map(|sample| (x(sample.at_s, end), y(sample.share_bp.into(), ALL_BP))));
    let now = canary.samples.last().map_or(0, |sample| sample.share_bp.into());
    let first = canary.samples.first().map_or(0, |sample| sample.share_bp.into());
    let rows = table(canary, |sample| vec![percent(sample.share_bp.into())]);
    Chart {
        id: "share",
        title: "Share of users",
        description: format!(
            "The share of users with the canary went from {} to {} within {}.",
            percent(first),
            percent(now),
            span(end)
        ),
        top: percent(ALL_BP),
        middle: percent(ALL_BP / 2),
        end: span(end),
        area: below(&path),
        series: vec![Series {
            name: "users with the canary".into(),
            kind: "ours",
            path,
            dot: String::new(),
            last: percent(now),
        }],
        columns: vec!["after".into(), "share".into()],
        rows,
    }
}

fn both(canary: &Canary, rate: &Rate) -> Chart {
    let end = last_second(&canary.samples);
    let of = |arm: &Arm| {
        let (part, whole) = (rate.of)(arm);
        rate_bp(part, whole)
    };
    let limit_at = |sample: &Sample| {
        of(&sample.theirs)
            .unwrap_or(0)
            .saturating_add(rate.limit_bp)
            .min(ALL_BP)
    };
    let ours = || canary.samples.iter().map(|sample| (sample.at_s, of(&sample.ours)));
    let theirs = || canary.samples.iter().map(|sample| (sample.at_s, of(&sample.theirs)));
    let limits = || {
        canary
            .samples
            .iter()
            .map(|sample| (sample.at_s, Some(limit_at(sample))))
    };
    let highest = ours()
        .chain(theirs())
        .chain(limits())
        .filter_map(|(_, rate)| rate)
        .max();
    let axes = Axes {
        end,
        top: top_bp(highest.unwrap_or(0)),
    };
    let cell = |arm: &Arm| {
        let (part, whole) = (rate.of)(arm);
        let share = rate_bp(part, whole).map_or("–".into(), percent);
        vec![share, format!("{} of {}", grouped(part), grouped(whole))]
    };
    let limit = axes.series("limit", "limit", limits());
    let stable = axes.series("theirs", &canary.against, theirs());
    let ours = axes.series("ours", &canary.version, ours());
    Chart {
        id: rate.id,
        title: rate.title,
        description: format!(
            "After {}: {} of {} {}, of stable {} {}; the canary is withdrawn above {}.",
            span(end),
            rate.what,
            ours.name,
            ours.last,
            stable.name,
            stable.last,
            limit.last
        ),
        top: percent(axes.top),
        middle: percent(axes.top / 2),
        end: span(end),
        columns: columns(canary),
        rows: table(canary, |sample| [cell(&sample.ours), cell(&sample.theirs)].concat()),
        series: vec![limit, stable, ours],
        area: String::new(),
    }
}

/// Where values stand.
struct Axes {
    end: u64,
    top: u64,
}

impl Axes {
    /// The line of the rates that are known.
    fn series(&self, kind: &'static str, name: &str, rates: impl Iterator<Item = (u64, Option<u64>)>) -> Series {
        let known: Vec<(u64, u64)> = rates.filter_map(|(at, rate)| Some((at, rate?))).collect();
        let place = |&(at, rate): &(u64, u64)| (x(at, self.end), y(rate, self.top));
        let dot = known.last().filter(|_| kind != "limit").map(place);
        Series {
            name: name.into(),
            kind,
            path: line(known.iter().map(place)),
            dot: dot.map_or_else(String::new, |(x, y)| format!("M{x} {y}h0")),
            last: known.last().map_or("–".into(), |(_, rate)| percent(*rate)),
        }
    }
}

fn columns(canary: &Canary) -> Vec<String> {
    let Canary { version, against, .. } = canary;
    vec![
        "after".into(),
        version.clone(),
        format!("{version}, counted"),
        against.clone(),
        format!("{against}, counted"),
    ]
}

/// A row for some of the samples, which begins with when that was.
fn table(canary: &Canary, cells: impl Fn(&Sample) -> Vec<String>) -> Vec<Vec<String>> {
    let samples = spread(canary.samples.len(), ROWS).into_iter();
    let samples = samples.filter_map(|at| canary.samples.get(at));
    samples
        .map(|sample| [vec![span(sample.at_s)], cells(sample)].concat())
        .collect()
}

fn last_second(samples: &[Sample]) -> u64 {
    samples.last().map_or(0, |sample| sample.at_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(requests: u64, errors: u64) -> Arm {
        Arm {
            requests,
            errors,
            views: requests,
            ..Arm::default()
        }
    }

    fn canary() -> Canary {
        let sample = |at_s, share_bp, ours, theirs| Sample {
            at_s,
            share_bp,
            ours,
            theirs,
        };
        Canary {
            version: "1.5.0".into(),
            against: "1.4.2".into(),
            max_failures_bp: 500,
            samples: vec![
                sample(0, 500, arm(0, 0), arm(0, 0)),
                sample(60, 500, arm(100, 2), arm(1_000, 0)),
                sample(120, 2_500, arm(200, 8), arm(2_000, 20)),
            ],
            ..Canary::default()
        }
    }

    #[test]
    fn a_line_begins_when_there_is_something_to_measure() {
        let chart = failures(&canary());
        let [limit, theirs, ours] = &chart.series[..] else {
            panic!()
        };
        assert_eq!(chart.top, "10\u{a0}%");
        assert_eq!(ours.path, "M500 240L1000 180");
        assert_eq!((ours.last.as_str(), ours.dot.as_str()), ("4\u{a0}%", "M1000 180h0"));
        assert_eq!((theirs.last.as_str(), limit.last.as_str()), ("1\u{a0}%", "6\u{a0}%"));
        assert!(
            limit.path.starts_with("M0 150"),
            "the limit is known from the beginning"
        );
        assert!(
            chart
                .description
                .contains("of 1.5.0 4\u{a0}%, of stable 1.4.2 1\u{a0}%"),
            "{}",
            chart.description
        );
    }

    #[test]
    fn the_table_says_what_the_lines_show() {
        let rows = failures(&canary()).rows;
        assert_eq!(rows[0], ["0 s", "–", "0 of 0", "–", "0 of 0"]);
        assert_eq!(
            rows[2],
            ["2 min", "4\u{a0}%", "8 of 200", "1\u{a0}%", "20 of 2\u{202f}000"]
        );
    }

    #[test]
    fn the_share_climbs_in_steps() {
        let chart = share(&canary());
        assert_eq!(chart.series[0].path, "M0 285H500V285H1000V225H1000");
        assert_eq!(chart.rows[2], ["2 min", "25\u{a0}%"]);
    }

    #[test]
    fn a_canary_that_just_began_has_empty_charts() {
        let canary = Canary::default();
        for chart in [failures(&canary), reports(&canary), share(&canary)] {
            assert!(chart.rows.is_empty() && chart.series.iter().all(|series| series.path.is_empty()));
        }
    }
}
