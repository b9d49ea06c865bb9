//! `cargo xtask fuzz`: libFuzzer on what meets hostile input first; each target begins with what it has kept in `fuzz/corpus`.

use std::{fs, process::Child};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{place, step};

/// Each is a program in `fuzz/targets`.
const TARGETS: [&str; 8] = [
    "answer",
    "scanner",
    "stitcher",
    "headers",
    "cache_key",
    "spelling",
    "manifest",
    "coding",
];
/// Coverage as libFuzzer wants it, without what only a nightly compiler has.
const FLAGS: &str = "--cfg fuzzing -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
    -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
    -C llvm-args=-sanitizer-coverage-trace-compares";
/// Naming it keeps build scripts and macros without these flags.
const HOST: &str = "x86_64-unknown-linux-gnu";
const LONGEST_INPUT_BYTES: usize = 4_096;
/// So many at once.
const ABREAST: usize = 2;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How long each target is tried.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only these targets.
    targets: Vec<String>,
    /// Keeps what reached new code in `fuzz/corpus`, the smallest of it.
    #[arg(long)]
    keep: bool,
}

/// Tries each target for so long.
pub(crate) fn every_target(seconds: u32) -> Result<()> {
    run(&Arguments {
        seconds,
        targets: vec![],
        keep: false,
    })
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    for target in &arguments.targets {
        ensure!(
            TARGETS.contains(&target.as_str()),
            "no target `{target}`; there are {}",
            TARGETS.join(", ")
        );
    }
    build()?;
    let chosen = |target: &&str| arguments.targets.is_empty() || arguments.targets.iter().any(|each| each == *target);
    let chosen: Vec<&str> = TARGETS.into_iter().filter(chosen).collect();
    for some in chosen.chunks(ABREAST) {
        let runs = some.iter().map(|target| Ok((*target, start(target, arguments)?)));
        for (target, mut child) in runs.collect::<Result<Vec<_>>>()? {
            let status = child.wait()?;
            let log = folder().join(format!("{target}.log"));
            let said = fs::read_to_string(&log).unwrap_or_default();
            ensure!(
                status.success(),
                "target `{target}` failed; the input is in {}\n{}",
                folder().join("artifacts").display(),
                said.lines()
                    .rev()
                    .take(40)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect::<Vec<_>>()
                    .join("\n")
            );
            let end = said
                .lines()
                .rev()
                .find(|line| line.contains("exec/s"))
                .unwrap_or_default();
            eprintln!("{target}: {}", end.trim());
        }
    }
    if arguments.keep {
        chosen.iter().try_for_each(|target| merge(target))?;
    }
    Ok(())
}

fn build() -> Result<()> {
    let mut build = step::cargo(&["build", "--locked", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    build
        .args(["--target", HOST, "--target-dir"])
        .arg(folder())
        .env("RUSTFLAGS", FLAGS);
    step::run("cargo: build fuzz targets", &mut build)
}

fn start(target: &str, arguments: &Arguments) -> Result<Child> {
    let (found, artifacts) = (folder().join("found").join(target), folder().join("artifacts"));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let log = fs::File::create(folder().join(format!("{target}.log")))?;
    let mut command = program(target);
    command
        .arg(found)
        .arg(corpus(target))
        .arg(format!("-max_total_time={}", arguments.seconds))
        .arg(format!("-max_len={LONGEST_INPUT_BYTES}"))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/{target}-", artifacts.display()))
        .stdout(log.try_clone()?)
        .stderr(log);
    command
        .spawn()
        .with_context(|| format!("can't start target `{target}`"))
}

/// Adds to the corpus what reaches code that nothing in it does.
fn merge(target: &str) -> Result<()> {
    let mut command = program(target);
    command.args(["-merge=1", &format!("-max_len={LONGEST_INPUT_BYTES}")]);
    command.arg(corpus(target)).arg(folder().join("found").join(target));
    step::run("keep what was found", &mut command)
}

fn program(target: &str) -> std::process::Command {
    std::process::Command::new(folder().join(HOST).join("release").join(target))
}

fn corpus(target: &str) -> std::path::PathBuf {
    place::root().join("fuzz/corpus").join(target)
}

fn folder() -> std::path::PathBuf {
    place::target().join("fuzz")
}
