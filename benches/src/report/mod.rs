//! What was measured, as tables in Markdown.

use std::fmt::Write;

use crate::{
    contest::{Case, Figures},
    contestants::Kind,
    mode::{Coding, Mode},
};

/// One table for each mode and coding that there are figures of.
pub(crate) fn tables(all: &[Figures]) -> String {
    let mut text = String::new();
    for mode in Mode::ALL {
        for coding in [Coding::Plain, Coding::Gzip, Coding::Br, Coding::Zstd] {
            let some: Vec<&Figures> = all
                .iter()
                .filter(|figures| figures.case.mode == mode && figures.case.coding == coding)
                .collect();
            if !some.is_empty() {
                let _ = writeln!(text, "{}, {}\n\n{}", mode.name(), coding.name(), table(&some, all));
            }
        }
    }
    text
}

/// One row a contestant and number of fragments, beside its ratio to the bare program.
pub(crate) fn table(some: &[&Figures], all: &[Figures]) -> String {
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

pub(crate) fn micros(figures: &Figures) -> f64 {
    figures.cpu_per_page.as_secs_f64() * 1e6
}

/// The figures of another case, if it was measured.
pub(crate) fn find(all: &[Figures], case: Case) -> Option<&Figures> {
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
