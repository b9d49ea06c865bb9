//! Memory against the number of connections that are open and wait.

use std::fmt::Write;

use anyhow::Result;

use super::{Plan, count, megabytes};
use crate::{contestants::Composer, load::Client, measure::micros, mode::Mode};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const FRAGMENTS: usize = 8;
/// Room for the load beside the idle ones, and an hour before any of them counts as left.
const CONFIG: &str = "[limits]\nconnections = 12000\nidle_ms = 3600000\n";

pub(super) async fn measure(plan: &Plan) -> Result<String> {
    let composer = Composer {
        config: CONFIG.to_owned(),
        ..plan.composer()
    };
    let running = plan.start(&composer, "connections").await?;
    let target = running.target(Mode::Cached, FRAGMENTS);
    // What the first pages need, however many connections there are.
    plan.effort.warm_up(&target).await?;
    let busy = plan.effort.spend(&running.process, &target).await?;
    let before = running.process.memory_bytes();
    let mut text = format!(
        "| idle connections | memory | for each | cached page beside them |\n\
         | ---: | ---: | ---: | ---: |\n| 0 | {} | | {:.1} µs |\n",
        megabytes(before),
        micros(busy.cpu_per_page)
    );
    let mut open = Vec::new();
    for size in plan.sizes(&SIZES) {
        eprintln!("{size} connections");
        while open.len() < size {
            let mut client = Client::connect(target.clone()).await?;
            client.get().await?;
            open.push(client);
        }
        let memory = running.process.memory_bytes();
        let each = memory.saturating_sub(before) as f64 / size as f64 / 1024.0;
        let busy = plan.effort.spend(&running.process, &target).await?;
        let _ = writeln!(
            text,
            "| {} | {} | {each:.1} KiB | {:.1} µs |",
            count(size),
            megabytes(memory),
            micros(busy.cpu_per_page)
        );
    }
    Ok(text)
}
