//! The project's own tasks: `cargo xtask run`, `test`, `gameday`, `build`, `bench`, `sizes`, `tidy`, `setup`.

mod run;
mod test;
mod firefox;
mod gameday;
mod bench;
mod fuzz;
mod sizes;
mod build;
mod bundle;
mod tools;
mod tidy;
mod step;
mod thousands;
mod place;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Marquetry's own tasks. `cargo xtask run` sets everything up and starts the shop.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Sets up, builds and runs composer and BFFs until Ctrl-C.
    Run(run::Arguments),
    /// Sets up and runs every check: format, lints, unit, property, whole-system and browser tests.
    Test(test::Arguments),
    /// Builds servers, WASM modules and shell, and packs them into `dist/`.
    Build {
        /// Builds the servers with the release profile.
        #[arg(long)]
        release: bool,
    },
    /// Measures the composer beside its peers and a bare program.
    Bench(bench::Arguments),
    /// Tells what browsers load, beside its limits, what it was, and (`--peers`) what others weigh.
    Sizes(sizes::Arguments),
    /// Tries hostile input on scanner, stitcher, header policy, cache key, addresses, manifest and compression.
    Fuzz(fuzz::Arguments),
    /// Plays a game day: faults, kills, releases, bursts and odd visitors at once.
    Gameday(gameday::Arguments),
    /// Checks the house style: arrows, file length, lints, documented keys.
    Tidy,
    /// Installs what the other tasks need.
    Setup,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Run(arguments) => run::run(&arguments),
        Task::Test(arguments) => test::run(&arguments),
        Task::Build { release } => {
            tools::for_building()?;
            build::everything(build::Profile::new(release))
        }
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Sizes(arguments) => sizes::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Gameday(arguments) => gameday::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Setup => tools::for_building().and_then(|()| tools::for_testing()),
    }
}
