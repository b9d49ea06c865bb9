//! The figures as a table in Markdown.

use crate::contest::Figures;

/// Prints one row a contestant and number of fragments, beside its ratio to the bare program.
pub(crate) fn print(all: &[Figures]) {
    println!("| fragments | server | CPU a page | beside bare | pages/s | p50 | p99 | memory | page |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for figures in all {
        let bare = all
            .iter()
            .find(|other| other.name == "bare hyper" && other.fragments == figures.fragments);
        let ratio = bare.map_or(0.0, |bare| {
            figures.cpu_per_page.as_secs_f64() / bare.cpu_per_page.as_secs_f64()
        });
        println!(
            "| {} | {} | {:.1} µs | {ratio:.2} × | {:.0} | {:.2} ms | {:.2} ms | {:.1} MB | {:.1} kB |",
            figures.fragments,
            figures.name,
            figures.cpu_per_page.as_secs_f64() * 1e6,
            figures.pages_per_second,
            figures.median.as_secs_f64() * 1e3,
            figures.percentile_99.as_secs_f64() * 1e3,
            figures.memory_bytes as f64 / 1e6,
            figures.page_bytes as f64 / 1e3,
        );
    }
}
