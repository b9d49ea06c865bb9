//! What grows with what: fragments a page, apps and routes, cached variants, open connections.

mod connections;
mod fragments;
mod registry;
mod variants;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::{
    contestants::{self, Composer, Upstream},
    load::Target,
    measure::{Effort, Measured, median},
    mode::{Coding, Mode},
    place,
    process::{self, Cpu, Process},
    report::{self, Docs},
};

/// Options of `marquetry-bench growth`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What grows.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "fragments,registry,variants,connections"
    )]
    what: Vec<What>,
    /// The composer's program [default: `marquetry` beside this one].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Seconds of the same load before it.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Sizes above this are left out.
    #[arg(long, default_value_t = 1_000_000)]
    up_to: usize,
    /// The folder whose `performance.md` gets the tables.
    #[arg(long)]
    write: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// 1 to 64 fragments a page.
    Fragments,
    /// 10 to 10,000 apps, and routes.
    Registry,
    /// 100 to 1,000,000 cached pages.
    Variants,
    /// 10 to 10,000 idle connections.
    Connections,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Fragments => "growth-fragments",
            Self::Registry => "growth-registry",
            Self::Variants => "growth-variants",
            Self::Connections => "growth-connections",
        }
    }
}

/// What all measurements of growth have in common.
struct Plan {
    binary: PathBuf,
    folder: tempfile::TempDir,
    upstream: Upstream,
    effort: Effort,
    rounds: usize,
    up_to: usize,
}

/// A composer that runs.
struct Running {
    port: u16,
    process: Process,
    started_in: Duration,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    process::allow_open_files();
    let folder = place::in_memory()?;
    let plan = Plan {
        binary: contestants::composer_program(arguments.binary.as_ref())?,
        upstream: Upstream::start(folder.path()).await?,
        folder,
        effort: Effort {
            warm_up: Duration::from_secs_f64(arguments.warm_up),
            duration: Duration::from_secs_f64(arguments.seconds),
            connections: 8,
        },
        rounds: arguments.rounds,
        up_to: arguments.up_to,
    };
    for what in &arguments.what {
        let text = match what {
            What::Fragments => fragments::measure(&plan).await,
            What::Registry => registry::measure(&plan).await,
            What::Variants => variants::measure(&plan).await,
            What::Connections => connections::measure(&plan).await,
        };
        let text = text.with_context(|| what.name())?;
        println!("{}\n\n{text}", what.name());
        if let Some(folder) = &arguments.write {
            let sentence = report::sentence(&place::peers());
            Docs::new(folder)?.write(what.name(), &format!("{sentence}\n\n{text}"))?;
        }
    }
    Ok(())
}

impl Plan {
    /// Those of the sizes that are measured.
    fn sizes(&self, all: &[usize]) -> Vec<usize> {
        all.iter().copied().filter(|size| *size <= self.up_to).collect()
    }

    async fn start(&self, composer: &Composer, name: &str) -> Result<Running> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        let port = process::free_port()?;
        let command = composer.command(&folder, port)?;
        let started = std::time::Instant::now();
        let mut process = Process::start(Cpu::Server, &command, &folder.join("log"))?;
        process.listening(port).await.with_context(|| name.to_owned())?;
        Ok(Running {
            port,
            process,
            started_in: started.elapsed(),
        })
    }

    /// A composer with the benchmark's own app.
    fn composer(&self) -> Composer {
        Composer::bench(&self.binary, self.upstream.port, &[])
    }

    /// A page of so many fragments, measured in rounds in which all take turns.
    async fn page(&self, all: &[Running], mode: Mode, fragments: usize) -> Result<Vec<Measured>> {
        let mut seen: Vec<Vec<Measured>> = all.iter().map(|_| Vec::new()).collect();
        for round in 1..=self.rounds {
            for (running, seen) in all.iter().zip(&mut seen) {
                eprintln!("{} page, round {round}", mode.name());
                let target = running.target(mode, fragments);
                self.effort.warm_up(&target).await?;
                seen.push(self.effort.spend(&running.process, &target).await?);
            }
        }
        let middle = seen
            .into_iter()
            .map(|rounds| median(rounds, |measured| measured.cpu_per_page));
        middle.collect::<Option<Vec<Measured>>>().context("no rounds")
    }
}

impl Running {
    fn target(&self, mode: Mode, fragments: usize) -> Target {
        self.at(format!("/{}/{fragments}", mode.prefix()))
    }

    fn at(&self, path: String) -> Target {
        Target {
            port: self.port,
            path,
            coding: Coding::Plain,
        }
    }
}

/// With commas.
fn count(number: usize) -> String {
    report::thousands(number as f64)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
