//! Cost against the number of apps, and of routes, that are served beside the measured ones.

use std::fmt::Write;

use anyhow::Result;

use super::{Plan, Running, count, megabytes};
use crate::{contestants::Composer, measure::micros, mode::Mode};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const FRAGMENTS: usize = 8;

/// How many apps there are, and how many pages each has.
type Shape = (usize, usize);

pub(super) async fn measure(plan: &Plan) -> Result<String> {
    let sizes = plan.sizes(&SIZES);
    let apps: Vec<Shape> = sizes.iter().map(|size| (*size, 1)).collect();
    let routes: Vec<Shape> = sizes.iter().map(|size| (10, size / 10)).collect();
    let mut text = "| apps | routes | started in | memory | uncached page | cached page |\n\
                    | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for shapes in [apps, routes] {
        text += &rows(plan, &shapes).await?;
    }
    Ok(text)
}

/// All run at once and take turns, so that what else the machine does meets them alike.
async fn rows(plan: &Plan, shapes: &[Shape]) -> Result<String> {
    let mut all: Vec<Running> = Vec::new();
    for shape in shapes {
        eprintln!("{} apps of {} routes", shape.0, shape.1);
        let composer = Composer {
            others: others(*shape),
            ..plan.composer()
        };
        all.push(
            plan.start(&composer, &format!("{}-apps-{}-routes", shape.0, shape.1))
                .await?,
        );
    }
    let uncached = plan.page(&all, Mode::Uncached, FRAGMENTS).await?;
    let cached = plan.page(&all, Mode::Cached, FRAGMENTS).await?;
    let mut text = String::new();
    for (at, (apps, routes)) in shapes.iter().enumerate() {
        let cost = |all: &[crate::measure::Measured]| {
            let (own, first) = (micros(all[at].cpu_per_page), micros(all[0].cpu_per_page));
            format!("{own:.1} µs ({:+.0} %)", (own / first - 1.0) * 100.0)
        };
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} s | {} | {} | {} |",
            count(*apps),
            count(apps * routes),
            all[at].started_in.as_secs_f64(),
            megabytes(all[at].process.memory_bytes()),
            cost(&uncached),
            cost(&cached),
        );
    }
    Ok(text)
}

/// Name and manifest of each.
fn others((apps, routes): Shape) -> Vec<(String, String)> {
    (0..apps)
        .map(|app| (format!("other-{app}"), manifest(app, routes)))
        .collect()
}

fn manifest(app: usize, routes: usize) -> String {
    let mut text = format!("[app]\nname = \"other-{app}\"\nversion = \"1.0.0\"\nowner = \"Benchmark\"\n");
    for route in 0..routes {
        let _ = write!(
            text,
            "\n[[pages]]\npath = \"/other-{app}/page-{route}/{{n}}\"\nfragment = \"page\"\nlayout = \"bench/plain\"\n"
        );
    }
    text + "\n[[fragments]]\nname = \"page\"\npath = \"/u/slots\"\nparams = [\"n\"]\nincludes = [\"bench/part\"]\n"
}
