//! `cargo xtask bench`: the composer beside its peers, on the same fragments; its parts, by their instructions.

mod micro;
mod peers;

use anyhow::Result;
use clap::Args;

use crate::step;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Counts the instructions of single parts instead, by callgrind where it is installed.
    #[arg(long)]
    micro: bool,
    /// Handed on to the benchmark; `-- --help` lists them.
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.micro {
        return micro::run();
    }
    let mut build = step::cargo(&[
        "build",
        "--locked",
        "--release",
        "--package",
        "cli",
        "--package",
        "benches",
    ]);
    step::run("cargo: build with the release profile", &mut build)?;
    peers::install();
    let mut bench = step::command(crate::build::Profile::Release.folder().join("marquetry-bench"));
    let status = bench.args(&arguments.rest).status()?;
    anyhow::ensure!(status.success(), "the benchmark failed ({status})");
    Ok(())
}
