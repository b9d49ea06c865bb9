//! What a page costs: the composer, nginx SSI and a bare program, on the same fragments, pinned alike, in one run.
//!
//! The server under test has CPU 0 for itself; fragment server and load share CPU 1. What counts is the server's CPU
//! time per page, read from `/proc`, because the time on the clock depends on both CPUs.

mod report;
mod contest;
mod contestant;
mod load;
mod bare;
mod upstream;
mod process;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "marquetry-bench",
    about = "Measures the composer beside nginx SSI and a bare hyper program"
)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Fragments a page, one measurement for each.
    #[arg(long, value_delimiter = ',', default_value = "1,4,8,32")]
    fragments: Vec<usize>,
    /// Seconds of one measurement; each is taken after one second of warming up.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds over all servers; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections that ask for pages, one page at a time each.
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

/// The programs that the benchmark starts of itself.
#[derive(Subcommand)]
enum Part {
    /// Serves pages with slots, and fragments of 2 kB.
    #[command(hide = true)]
    Upstream,
    /// Fetches a page's fragments and concatenates them, nothing else.
    #[command(hide = true)]
    Bare { upstream: String },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.part {
            Some(Part::Upstream) => upstream::serve().await,
            Some(Part::Bare { upstream }) => bare::serve(upstream).await,
            None => {
                let contest = contest::Contest {
                    fragments: arguments.fragments,
                    duration: Duration::from_secs(arguments.seconds),
                    rounds: arguments.rounds,
                    connections: arguments.connections,
                };
                report::print(&contest.run().await?);
                Ok(())
            }
        }
    })
}
