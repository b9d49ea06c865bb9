//! Charts of a canary, drawn as SVG, each with its numbers as a table beside it.

mod series;
mod words;
mod scale;

use leptos::prelude::*;

pub use scale::rate_bp;
pub(crate) use series::{failures, reports, share};
pub use words::{grouped, percent, span};

/// A chart, ready to be drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chart {
    /// Its name in ids.
    id: &'static str,
    /// What it shows.
    title: &'static str,
    /// The same for those who don't see it.
    description: String,
    /// Words at the upper end, the middle, and the right end of its axes.
    top: String,
    middle: String,
    end: String,
    /// The lines, the last one uppermost.
    series: Vec<Series>,
    /// An area below one of them; empty for none.
    area: String,
    /// The table: what its columns are, and its rows.
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A line of a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Series {
    name: String,
    /// Which colour and pattern it has: `ours`, `theirs`, `limit`.
    kind: &'static str,
    path: String,
    /// A dot at its end, as a path; empty for none.
    dot: String,
    /// Its last value.
    last: String,
}

/// The chart with its legend and table.
pub(crate) fn draw(chart: Chart) -> impl IntoView {
    let (title_id, text_id) = (format!("c-{}-title", chart.id), format!("c-{}-text", chart.id));
    let labels = format!("{title_id} {text_id}");
    let legend = chart.series.iter().rev().map(|series| {
        let class = format!("c-legend__item is-{}", series.kind);
        let (name, last) = (series.name.clone(), series.last.clone());
        view! { <li class=class><span>{name}</span><b>{last}</b></li> }
    });
    let lines = chart.series.iter().map(|series| {
        let class = format!("c-line is-{}", series.kind);
        let dot_class = format!("c-line c-line--dot is-{}", series.kind);
        let (path, dot) = (series.path.clone(), series.dot.clone());
        view! {
            <path class=class d=path></path>
            <path class=dot_class d=dot></path>
        }
    });
    let columns = chart.columns.into_iter();
    let columns = columns
        .map(|column| view! { <th scope="col">{column}</th> })
        .collect_view();
    let rows = chart.rows.into_iter().map(|row| {
        let cells = row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! { <tr>{cells}</tr> }
    });
    view! {
        <figure class="c-chart">
            <figcaption class="c-chart__title">{chart.title}</figcaption>
            <ul class="c-legend">{legend.collect_view()}</ul>
            <div class="c-plot">
                <div class="c-plot__y" aria-hidden="true">
                    <span>{chart.top}</span>
                    <span>{chart.middle}</span>
                    <span>"0 %"</span>
                </div>
                <svg class="c-plot__lines" viewBox="0 0 1000 300" preserveAspectRatio="none" role="img" aria-labelledby=labels>
                    <title id=title_id>{chart.title}</title>
                    <desc id=text_id>{chart.description}</desc>
                    <path class="c-line is-grid" d="M0 0H1000M0 150H1000M0 300H1000"></path>
                    <path class="c-area" d=chart.area></path>
                    {lines.collect_view()}
                </svg>
                <div class="c-plot__x" aria-hidden="true">
                    <span>"start"</span>
                    <span>{chart.end}</span>
                </div>
            </div>
            <details class="c-fold">
                <summary>"As a table"</summary>
                <div class="c-scroll" tabindex="0" role="group" aria-label=chart.title>
                    <table class="c-table">
                        <thead><tr>{columns}</tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
