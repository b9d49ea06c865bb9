//! What a page costs: the composer, its peers and a bare program, on the same fragments, pinned alike, in one run.
//!
//! The server under test has CPU 0 for itself; fragment server and load share CPU 1. What counts is the server's CPU
//! time per page, read from `/proc`, because the time on the clock depends on both CPUs.

mod growth;
mod overload;
mod report;
mod contest;
mod contestants;
mod measure;
mod load;
mod bare;
mod upstream;
mod process;
mod mode;
mod place;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use crate::{
    contestants::Kind,
    measure::Effort,
    mode::{Coding, Mode},
    process::Cpu,
};

#[derive(Parser)]
#[command(
    name = "marquetry-bench",
    about = "Measures the composer beside its peers and a bare hyper program"
)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// What may be kept between two pages.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "uncached,cached")]
    modes: Vec<Mode>,
    /// What the client reads.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "plain,gzip,br,zstd")]
    codings: Vec<Coding>,
    /// Fragments a page, one measurement for each.
    #[arg(long, value_delimiter = ',', default_value = "1,4,8,32")]
    fragments: Vec<usize>,
    /// Whom to measure.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "bare,marquetry,nginx,held,varnish,tailor,podium"
    )]
    contestants: Vec<Kind>,
    /// The composer's program [default: `marquetry` beside this one].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Another build of the composer, measured as `marquetry, before` in the same run.
    #[arg(long)]
    old: Option<PathBuf>,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Seconds of the same load before it.
    #[arg(long, default_value_t = 0.7)]
    warm_up: f64,
    /// Rounds over all servers; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections that ask for pages, one page at a time each.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// The folder whose `performance.md` gets tables and charts.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// What else this program does; most of it is started by itself.
#[derive(Subcommand)]
enum Part {
    /// Measures what grows with what: fragments, apps and routes, cached variants, open connections.
    Growth(growth::Arguments),
    /// Asks for more than the composer can do.
    Overload(overload::Arguments),
    /// Serves pages with slots, and fragments of 2 kB.
    #[command(hide = true)]
    Upstream,
    /// Does the least that a server can do.
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
            Some(Part::Growth(arguments)) => {
                process::pin_own(Cpu::Rest)?;
                growth::run(&arguments).await
            }
            Some(Part::Overload(arguments)) => {
                process::pin_own(Cpu::Rest)?;
                overload::run(&arguments).await
            }
            None => {
                process::pin_own(Cpu::Rest)?;
                contest(arguments).await
            }
        }
    })
}

async fn contest(arguments: Arguments) -> Result<()> {
    let mut contestants = arguments.contestants;
    if arguments.old.is_some() && !contestants.contains(&Kind::Before) {
        contestants.push(Kind::Before);
    }
    let contest = contest::Contest {
        modes: arguments.modes,
        codings: arguments.codings,
        fragments: arguments.fragments,
        contestants,
        binary: contestants::composer_program(arguments.binary.as_ref())?,
        old: arguments.old,
        peers: place::peers(),
        effort: Effort {
            warm_up: Duration::from_secs_f64(arguments.warm_up),
            duration: Duration::from_secs_f64(arguments.seconds),
            connections: arguments.connections,
        },
        rounds: arguments.rounds,
    };
    let outcome = contest.run().await?;
    report::print(&outcome.figures);
    if let Some(folder) = &arguments.write {
        report::write(&outcome.figures, folder, &contest.peers)?;
    }
    ensure!(
        outcome.failed.is_empty(),
        "not measured:\n{}",
        outcome.failed.join("\n")
    );
    Ok(())
}
