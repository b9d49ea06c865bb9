//! The `benches/` of the composer's crates, case by case: instructions of one time, by callgrind, or else the time.
//!
//! Each of these programs does what its arguments say as often as the last of them says. What the same does fewer times is taken
//! away, so that starting it doesn't count.

use std::{path::PathBuf, process::Command, time::Instant};

use anyhow::{Context, Result, ensure};

use crate::{place, step, thousands::thousands};

/// A bench of a crate, and what it can do.
struct Bench {
    package: &'static str,
    name: &'static str,
    cases: &'static [&'static str],
}

const BENCHES: [Bench; 4] = [
    Bench {
        package: "composer-html",
        name: "scan",
        cases: &["recommendations 1000000", "recommendations 1400", "category 1000000"],
    },
    Bench {
        package: "composer-page",
        name: "stitch",
        cases: &["kept 1", "kept 8", "kept 32", "read 1", "read 8", "read 32"],
    },
    Bench {
        package: "composer-fetch",
        name: "fetch",
        cases: &["pass", "hit", "miss", "evict"],
    },
    Bench {
        package: "composer-coding",
        name: "stitch",
        cases: &[
            "ready gzip",
            "ready br",
            "ready zstd",
            "live gzip",
            "live br",
            "live zstd",
        ],
    },
];
const FEW: u64 = 100;
const MANY: u64 = 300;
/// Without callgrind: enough for the clock.
const TIMED: u64 = 20;

/// Runs every case and prints a table.
///
/// # Errors
/// A bench that doesn't build or fails.
pub(super) fn run() -> Result<()> {
    let counts = place::on_path("valgrind").is_some();
    let programs: Vec<PathBuf> = BENCHES.iter().map(Bench::build).collect::<Result<_>>()?;
    let unit = if counts { "instructions" } else { "time" };
    println!("| crate | bench | {unit} |\n| --- | --- | ---: |");
    for (bench, program) in BENCHES.iter().zip(&programs) {
        for case in bench.cases {
            let one = if counts {
                let (few, many) = (instructions(program, case, FEW)?, instructions(program, case, MANY)?);
                thousands(many.saturating_sub(few) / (MANY - FEW))
            } else {
                let (few, many) = (time(program, case, FEW)?, time(program, case, FEW + MANY * TIMED)?);
                format!("{:.2} µs", (many - few).max(0.0) * 1e6 / (MANY * TIMED) as f64)
            };
            println!("| `{}` | {} {case} | {one} |", bench.package, bench.name);
        }
    }
    Ok(())
}

impl Bench {
    fn build(&self) -> Result<PathBuf> {
        let mut build = step::cargo(&["bench", "--locked", "--no-run", "--message-format=json"]);
        build.args(["--package", self.package, "--bench", self.name]);
        eprintln!("cargo: build {} of {}", self.name, self.package);
        let output = build.stderr(std::process::Stdio::inherit()).output()?;
        ensure!(output.status.success(), "{} doesn't build", self.package);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let messages = text
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let mut programs = messages.filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)));
        programs.next_back().context("cargo named no program")
    }
}

fn instructions(program: &PathBuf, case: &str, times: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(case.split(' ')).arg(times.to_string());
    let output = valgrind.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{case}: {said}");
    let line = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, number) = line.with_context(|| format!("callgrind counted nothing: {said}"))?;
    Ok(number.trim().parse()?)
}

fn time(program: &PathBuf, case: &str, times: u64) -> Result<f64> {
    let started = Instant::now();
    let mut bench = Command::new(program);
    let output = bench.args(case.split(' ')).arg(times.to_string()).output()?;
    ensure!(
        output.status.success(),
        "{case}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(started.elapsed().as_secs_f64())
}
