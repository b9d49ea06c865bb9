//! What a page may cost beside others, and what it does.

use std::fmt::Write;

use super::{find, micros};
use crate::{
    contest::{Case, Figures},
    contestants::Kind,
    mode::{Coding, Mode},
};

/// The composer's cost beside another's.
struct Aim {
    what: &'static str,
    own: (Mode, Coding),
    other: (Kind, Mode, Coding),
    at_most: f64,
}

const PLAIN_CACHED: (Mode, Coding) = (Mode::Cached, Coding::Plain);
const PLAIN_UNCACHED: (Mode, Coding) = (Mode::Uncached, Coding::Plain);
const GZIP_CACHED: (Mode, Coding) = (Mode::Cached, Coding::Gzip);

#[rustfmt::skip]
const AIMS: [Aim; 9] = [
    Aim { what: "cached, beside bare hyper with ready bytes", own: PLAIN_CACHED, other: (Kind::Bare, Mode::Cached, Coding::Plain), at_most: 2.0 },
    Aim { what: "cached, beside nginx SSI", own: PLAIN_CACHED, other: (Kind::Nginx, Mode::Cached, Coding::Plain), at_most: 1.0 / 3.0 },
    Aim { what: "cached, beside Varnish ESI", own: PLAIN_CACHED, other: (Kind::Varnish, Mode::Cached, Coding::Plain), at_most: 1.0 / 3.0 },
    Aim { what: "uncached, beside bare hyper that fetches", own: PLAIN_UNCACHED, other: (Kind::Bare, Mode::Uncached, Coding::Plain), at_most: 1.4 },
    Aim { what: "uncached, beside nginx SSI", own: PLAIN_UNCACHED, other: (Kind::Nginx, Mode::Uncached, Coding::Plain), at_most: 1.0 },
    Aim { what: "uncached, beside Tailor", own: PLAIN_UNCACHED, other: (Kind::Tailor, Mode::Uncached, Coding::Plain), at_most: 1.0 / 6.0 },
    Aim { what: "uncached, beside Podium", own: PLAIN_UNCACHED, other: (Kind::Podium, Mode::Uncached, Coding::Plain), at_most: 1.0 / 8.0 },
    Aim { what: "cached and gzip, beside cached and plain", own: GZIP_CACHED, other: (Kind::Marquetry, Mode::Cached, Coding::Plain), at_most: 1.5 },
    Aim { what: "cached and gzip, beside nginx that compresses each page", own: GZIP_CACHED, other: (Kind::Nginx, Mode::Cached, Coding::Gzip), at_most: 0.2 },
];

/// One row an aim, one column a number of fragments; empty where nothing was measured.
pub(crate) fn table(all: &[Figures]) -> String {
    let mut counts: Vec<usize> = all.iter().map(|figures| figures.case.fragments).collect();
    counts.sort_unstable();
    counts.dedup();
    let rows: Vec<String> = AIMS.iter().filter_map(|aim| row(aim, &counts, all)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut text = "| CPU time of marquetry |".to_owned();
    for count in &counts {
        let _ = write!(text, " {count} |");
    }
    text += " aim: at most |\n| --- |";
    text += &" ---: |".repeat(counts.len() + 1);
    text + "\n" + &rows.concat()
}

fn row(aim: &Aim, counts: &[usize], all: &[Figures]) -> Option<String> {
    let mut text = format!("| {} |", aim.what);
    let mut measured = false;
    for &fragments in counts {
        match ratio(aim, fragments, all) {
            Some(ratio) => {
                measured = true;
                // What counts are pages of several fragments.
                let sign = match (fragments == 1, ratio <= aim.at_most) {
                    (true, _) => "",
                    (false, true) => " ✓",
                    (false, false) => " ✗",
                };
                let _ = write!(text, " {ratio:.2}{sign} |");
            }
            None => text += " |",
        }
    }
    measured.then(|| format!("{text} {:.2} |\n", aim.at_most))
}

fn ratio(aim: &Aim, fragments: usize, all: &[Figures]) -> Option<f64> {
    let (mode, coding) = aim.own;
    let own = Case {
        kind: Kind::Marquetry,
        mode,
        coding,
        fragments,
    };
    let (kind, mode, coding) = aim.other;
    let other = Case {
        kind,
        mode,
        coding,
        fragments,
    };
    Some(micros(find(all, own)?) / micros(find(all, other)?))
}
