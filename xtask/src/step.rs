//! One step of a task: a command, shown while it works, its output told when it fails.

use std::{
    io::{BufRead, BufReader, IsTerminal, Read},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

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
    let started = Instant::now();
    if place::is_ci() || !std::io::stderr().is_terminal() {
        eprintln!("==> {title}");
        let status = command
            .status()
            .with_context(|| format!("{title}: can't start {:?}", command.get_program()))?;
        eprintln!("<== {title}: {:.1} s", started.elapsed().as_secs_f64());
        if !status.success() {
            bail!("{title} failed ({status})");
        }
        return Ok(());
    }
    quietly(title, command, started)
}

fn quietly(title: &str, command: &mut Command, started: Instant) -> Result<()> {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template(
        "{spinner} {prefix} {elapsed:>4}  {wide_msg:.dim}",
    )?);
    bar.set_prefix(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{title}: can't start {:?}", command.get_program()))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let shown = bar.clone();
    let told = std::thread::spawn(move || err.map(|err| lines(err, &shown)).unwrap_or_default());
    let said = out.map(|out| lines(out, &bar)).unwrap_or_default();
    let told = told.join().unwrap_or_default();
    let status = child.wait()?;
    bar.finish_and_clear();
    if !status.success() {
        eprintln!("{said}{told}");
        bail!("{title} failed ({status})");
    }
    eprintln!("✓ {title} ({:.1} s)", started.elapsed().as_secs_f64());
    Ok(())
}

fn lines(from: impl Read, bar: &ProgressBar) -> String {
    let mut all = String::new();
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        bar.set_message(line.trim().to_owned());
        all.push_str(&line);
        all.push('\n');
    }
    all
}

/// The standard output of a short command.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("can't start {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
