//! `cargo xtask bench`: the composer beside nginx SSI and a bare program, on the same fragments.

use anyhow::Result;
use clap::Args;

use crate::step;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Handed on to the benchmark; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
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
    let mut bench = step::command(crate::build::Profile::Release.folder().join("marquetry-bench"));
    let status = bench.args(&arguments.rest).status()?;
    anyhow::ensure!(status.success(), "the benchmark failed ({status})");
    Ok(())
}
