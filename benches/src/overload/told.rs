//! What is told of a load: a row for each round, and the middle of them all.

use std::fmt::Write;

use super::{Course, Kind, answers::Answers};
use crate::measure::micros;

const HEAD: &str = "\
| pages | fragments | peak before, after | CPU a page | load | served | of the peak | refused | a refusal costs | refused within: 50 %, 95 %, 99 % | \
served within: 50 %, 99 % | /healthz: 95 %, all | /metrics: 95 %, all | as before after |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
";
const MEDIANS_HEAD: &str = "\
| pages | fragments | load | of the peak, median of the rounds |
| --- | ---: | ---: | ---: |
";

/// Each round, and what was served in the middle one of each kind.
pub(super) fn tables(courses: &[Course]) -> String {
    let rows: String = courses.iter().map(line).collect();
    let mut medians = String::new();
    let mut told = vec![];
    for course in courses {
        if told.contains(&course.kind) {
            continue;
        }
        told.push(course.kind);
        let same = courses.iter().filter(|each| each.kind == course.kind);
        let mut shares: Vec<f64> = same.map(Course::of_the_peak).collect();
        shares.sort_by(f64::total_cmp);
        let median = 100.0 * shares[shares.len() / 2];
        let Kind {
            coding,
            fragments,
            load,
        } = course.kind;
        let _ = writeln!(
            medians,
            "| {} | {fragments} | {load} × | {median:.0} % |",
            coding.name()
        );
    }
    format!("{MEDIANS_HEAD}{medians}\n{HEAD}{rows}")
}

/// One round.
pub(super) fn line(course: &Course) -> String {
    let Course { answers, peaks, .. } = course;
    let [before, after] = peaks;
    let all = answers.count().max(1) as f64;
    let failed = answers.count() - answers.with(200) - answers.with(503);
    let mut line = format!(
        "| {} | {} | {:.0}, {:.0}/s ({:.0}, {:.0} % busy) | {:.0}, {:.0} µs | {} × | {:.0}/s | {:.0} % | {:.0} %",
        course.kind.coding.name(),
        course.kind.fragments,
        before.per_second,
        after.per_second,
        100.0 * before.busy,
        100.0 * after.busy,
        micros(before.cpu_per_page),
        micros(after.cpu_per_page),
        course.kind.load,
        course.served(),
        100.0 * course.of_the_peak(),
        100.0 * answers.with(503) as f64 / all,
    );
    if failed > 0 {
        let _ = write!(line, ", {failed} failed");
    }
    let _ = writeln!(
        line,
        " | {:.1} µs | {} | {} | {} | {} | {:.1} s |",
        micros(course.refusal_cpu),
        within(answers, 503, &[500, 950, 990]),
        within(answers, 200, &[500, 990]),
        within(&course.health, 200, &[950, 1000]),
        within(&course.metrics, 200, &[950, 1000]),
        course.over_after.as_secs_f64(),
    );
    line
}

fn within(answers: &Answers, status: u16, per_mille: &[usize]) -> String {
    let times = per_mille.iter().map(|share| answers.took(status, *share));
    let times: Vec<String> = times.map(|time| format!("{:.1}", time.as_secs_f64() * 1e3)).collect();
    format!("{} ms", times.join(", "))
}
