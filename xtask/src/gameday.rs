//! `cargo xtask gameday`: everything that can go wrong with BFFs and visitors at once, for as long as one likes.

use anyhow::{Result, ensure};
use clap::Args;

use crate::{build::Profile, step};

/// Options of `cargo xtask gameday`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How long it lasts.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The seed of another game day, to play it again; without it a new one is taken and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Plays with the release build of the composer.
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let profile = Profile::new(arguments.release);
    let mut build = step::cargo(&["build", "--locked", "--package", "cli"]);
    if arguments.release {
        build.arg("--release");
    }
    step::run("cargo: build the composer", &mut build)?;
    let mut game = step::cargo(&["nextest", "run", "--locked", "--package", "tests", "--no-capture"]);
    game.args(["-E", "test(/^game_day::/)"])
        .env("MARQUETRY_BIN_DIR", profile.folder())
        .env("MARQUETRY_GAME_SECONDS", (arguments.minutes * 60).to_string());
    if let Some(seed) = arguments.seed {
        game.env("MARQUETRY_SEED", seed.to_string());
    }
    let status = game.status()?;
    ensure!(status.success(), "the game day failed ({status}); its seed is above");
    Ok(())
}
