//! What was measured, as tables in Markdown and charts.

mod aims;
mod chart;
mod docs;
mod machine;

use std::{fmt::Write, path::Path};

use anyhow::Result;

use crate::{
    contest::{Case, Figures},
    contestants::Kind,
    mode::{Coding, Mode},
};

pub(crate) use chart::thousands;
pub(crate) use docs::Docs;
pub(crate) use machine::sentence;

use chart::{Chart, Line};

const COMPRESSED: [Coding; 3] = [Coding::Gzip, Coding::Br, Coding::Zstd];

/// Prints all tables.
pub(crate) fn print(all: &[Figures]) {
    println!("{}", aims::table(all));
    for mode in Mode::ALL {
        for coding in [&[Coding::Plain], &COMPRESSED[..]].concat() {
            let some = of(all, mode, &[coding]);
            if !some.is_empty() {
                println!("{}, {}\n\n{}", mode.name(), coding.name(), table(&some, all));
            }
        }
    }
}

/// Writes what was measured into the docs; what was not stays as it is there.
pub(crate) fn write(all: &[Figures], folder: &Path, peers: &Path) -> Result<()> {
    let docs = Docs::new(folder)?;
    let sentence = sentence(peers);
    let aims = aims::table(all);
    if !aims.is_empty() {
        docs.write("aims", &format!("{sentence}\n\n{aims}"))?;
    }
    for mode in Mode::ALL {
        let plain = of(all, mode, &[Coding::Plain]);
        if !plain.is_empty() {
            docs.write(mode.name(), &format!("{sentence}\n\n{}", table(&plain, all)))?;
            docs.chart(
                mode.name(),
                &drawn(&plain, &format!("CPU time of {} page", mode.a_name())),
            )?;
        }
        let compressed = of(all, mode, &COMPRESSED);
        if !compressed.is_empty() {
            let mut text = sentence.clone();
            for coding in COMPRESSED {
                let some = of(all, mode, &[coding]);
                if !some.is_empty() {
                    let _ = write!(text, "\n\n{}:\n\n{}", coding.name(), table(&some, all));
                }
            }
            let name = format!("{}-compressed", mode.name());
            docs.write(&name, &text)?;
            let title = format!("CPU time of {} and compressed page", mode.a_name());
            docs.chart(&name, &drawn(&compressed, &title))?;
        }
    }
    Ok(())
}

fn of<'a>(all: &'a [Figures], mode: Mode, codings: &[Coding]) -> Vec<&'a Figures> {
    all.iter()
        .filter(|figures| figures.case.mode == mode && codings.contains(&figures.case.coding))
        .collect()
}

/// A line for each contestant and coding.
fn drawn(some: &[&Figures], title: &str) -> String {
    let mut lines: Vec<(Kind, Coding, Line)> = Vec::new();
    for figures in some {
        let Case { kind, coding, mode, .. } = figures.case;
        let point = (figures.case.fragments as f64, micros(figures));
        if let Some((.., line)) = lines
            .iter_mut()
            .find(|(other, its, _)| (*other, *its) == (kind, coding))
        {
            line.points.push(point);
            continue;
        }
        let name = match coding {
            Coding::Plain => kind.name(mode).to_owned(),
            coding => format!("{}, {}", kind.name(mode), coding.name()),
        };
        let line = Line {
            name,
            points: vec![point],
            colour: colour(kind, coding),
        };
        lines.push((kind, coding, line));
    }
    let chart = Chart {
        title: title.to_owned(),
        x: "fragments a page".into(),
        y: "µs a page, user and system (both axes logarithmic)".into(),
        lines: lines.into_iter().map(|(.., line)| line).collect(),
    };
    chart.svg()
}

/// One row a contestant and number of fragments, beside its ratio to the bare program.
fn table(some: &[&Figures], all: &[Figures]) -> String {
    let mut text = "| fragments | server | CPU a page | beside bare | pages/s | p50 | p99 | memory | page | asked |\n\
                    | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for figures in some {
        let ratio = beside_bare(figures, all).map_or_else(String::new, |ratio| format!("{ratio:.2} ×"));
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} µs | {ratio} | {:.0} | {:.2} ms | {:.2} ms | {:.1} MB | {:.1} kB | {:.1} |",
            figures.case.fragments,
            figures.case.kind.name(figures.case.mode),
            micros(figures),
            figures.pages_per_second,
            figures.median.as_secs_f64() * 1e3,
            figures.percentile_99.as_secs_f64() * 1e3,
            figures.memory_bytes as f64 / 1e6,
            figures.page_bytes as f64 / 1e3,
            figures.asked,
        );
    }
    text
}

/// The same contestant has the same colour in every chart.
fn colour(kind: Kind, coding: Coding) -> usize {
    match (kind, coding) {
        (Kind::Marquetry, Coding::Br) => 7,
        (Kind::Marquetry, Coding::Zstd) => 5,
        (Kind::Marquetry, _) => 0,
        (Kind::Bare, _) => 1,
        (Kind::Nginx, _) => 2,
        (Kind::Held, _) => 3,
        (Kind::Varnish, _) => 4,
        (Kind::Tailor, _) => 5,
        (Kind::Podium, _) => 6,
        (Kind::Before | Kind::Eager, _) => 7,
    }
}

fn micros(figures: &Figures) -> f64 {
    figures.cpu_per_page.as_secs_f64() * 1e6
}

/// The figures of another case, if it was measured.
fn find(all: &[Figures], case: Case) -> Option<&Figures> {
    all.iter().find(|figures| figures.case == case)
}

fn beside_bare(figures: &Figures, all: &[Figures]) -> Option<f64> {
    let bare = find(
        all,
        Case {
            kind: Kind::Bare,
            ..figures.case
        },
    )?;
    Some(micros(figures) / micros(bare))
}
