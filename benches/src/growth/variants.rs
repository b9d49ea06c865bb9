//! Memory against the number of cached pages, and how long others wait while pages are stored and evicted.

use std::{
    fmt::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use tokio::task::JoinSet;

use super::{Plan, Running, count, megabytes};
use crate::{
    load::{self, Client, Target},
    measure::micros,
    mode::Coding,
    process,
};

const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
const CONNECTIONS: usize = 8;
/// So many of the last are asked for again.
const AGAIN: usize = 50;
/// A page of as many fragments that is made each time.
const UNKEPT: &str = "/u/1";
const PROBE_PAUSE: Duration = Duration::from_millis(1);

pub(super) async fn measure(plan: &Plan) -> Result<String> {
    let running = plan.start(&plan.composer(), "variants").await?;
    let mut text =
        "| pages | memory | storing one | finding one | others waited, 99.9 % | at most | asked again of 50 |\n\
                    | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    // What the machine itself does to the probe.
    let probe = Probe::start(running.port);
    tokio::time::sleep(plan.effort.duration).await;
    text += &format!(
        "| 0 | {} | | | {} | |\n",
        megabytes(running.process.memory_bytes()),
        probe.stop()?
    );
    let (mut done, mut longest) = (0, Duration::ZERO);
    for size in plan.sizes(&SIZES) {
        eprintln!("{size} variants");
        let probe = Probe::start(running.port);
        let (cpu, began) = (running.process.cpu_time(), Instant::now());
        fill(&running, done, size).await?;
        longest = longest.max(began.elapsed());
        let stored = running.process.cpu_time() - cpu;
        let waits = probe.stop()?;
        let asked = plan.upstream.asked().await?;
        let found = again(plan, &running, size).await?;
        let asked = plan.upstream.asked().await? - asked;
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} µs | {found:.1} µs | {waits} | {asked} |",
            count(size),
            megabytes(running.process.memory_bytes()),
            micros(stored) / (size - done) as f64,
        );
        done = size;
    }
    // What the same load does when nothing is stored and nothing evicted, for as long.
    eprintln!("pages that are not kept");
    let probe = Probe::start(running.port);
    load::run(&running.at(UNKEPT.to_owned()), CONNECTIONS, longest).await?;
    let memory = megabytes(running.process.memory_bytes());
    let _ = writeln!(text, "| not kept | {memory} | | | {} | |", probe.stop()?);
    Ok(text)
}

/// Asks for each variant once.
async fn fill(running: &Running, from: usize, to: usize) -> Result<()> {
    let mut tasks = JoinSet::new();
    for at in 0..CONNECTIONS {
        let target = running.at(String::new());
        tasks.spawn(async move {
            let mut client = Client::connect(target).await?;
            for variant in (from + at..to).step_by(CONNECTIONS) {
                client.get_path(&path(variant)).await?;
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

fn path(variant: usize) -> String {
    format!("/variant/{variant}")
}

/// The last ones, over and over; microseconds for each.
async fn again(plan: &Plan, running: &Running, size: usize) -> Result<f64> {
    let mut client = Client::connect(running.at(String::new())).await?;
    let (cpu, started, mut pages) = (running.process.cpu_time(), Instant::now(), 0);
    while started.elapsed() < plan.effort.duration {
        for variant in size.saturating_sub(AGAIN)..size {
            client.get_path(&path(variant)).await?;
            pages += 1;
        }
    }
    Ok(micros(running.process.cpu_time() - cpu) / f64::from(pages))
}

/// Asks for one cached page again and again, in a thread that the load doesn't hold up.
struct Probe {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Duration>>>,
}

/// How long the probe waited.
struct Waits {
    percentile: Duration,
    longest: Duration,
}

impl fmt::Display for Waits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let (percentile, longest) = (milliseconds(self.percentile), milliseconds(self.longest));
        write!(out, "{percentile:.2} ms | {longest:.2} ms")
    }
}

impl Probe {
    fn start(port: u16) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            process::come_first();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(probe(port, &seen))
        });
        Self { over, thread }
    }

    fn stop(self) -> Result<Waits> {
        self.over.store(true, Relaxed);
        let mut waits = self.thread.join().map_err(|_| anyhow!("the probe panicked"))??;
        waits.sort_unstable();
        let longest = waits.last().copied().context("the probe saw nothing")?;
        let percentile = waits.get(waits.len() * 999 / 1000).copied().unwrap_or(longest);
        Ok(Waits { percentile, longest })
    }
}

async fn probe(port: u16, over: &AtomicBool) -> Result<Vec<Duration>> {
    let target = Target {
        port,
        path: "/c/1".into(),
        coding: Coding::Plain,
    };
    let mut client = Client::connect(target).await?;
    client.get().await?;
    let mut waits = Vec::new();
    while !over.load(Relaxed) {
        let started = Instant::now();
        client.get().await?;
        waits.push(started.elapsed());
        tokio::time::sleep(PROBE_PAUSE).await;
    }
    Ok(waits)
}
