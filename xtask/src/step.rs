//! One step of a task: a command, shown while it works, its output told when it fails.

use std::{io::IsTerminal, process::Command};

use anyhow::Result;
use cli_bundle::Shows;

use crate::place;

/// A command with the workspace as its folder and cargo's build output where [`place::target`] says.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(place::root())
        .env("CARGO_TARGET_DIR", place::target());
    command
}

/// Cargo with these arguments, always by the lock file.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = command("cargo");
    command.args(arguments);
    command
}

/// Runs a step. At a terminal its last line of output is shown and gone; elsewhere all of it is.
pub(crate) fn run(title: &str, command: &mut Command) -> Result<()> {
    let shows = if place::is_ci() || !std::io::stderr().is_terminal() {
        Shows::Everything
    } else {
        Shows::LastLine
    };
    Ok(cli_bundle::run(title, command, shows)?)
}
