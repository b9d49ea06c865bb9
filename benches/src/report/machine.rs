//! Where and with what was measured, in a sentence.

use std::{fs, path::Path, process::Command};

use crate::process;

/// Date, commit, machine, versions and command.
pub(crate) fn sentence(peers: &Path) -> String {
    let versions: Vec<String> = [
        said("rustc", &["--version"], 1).map(|version| format!("Rust {version}")),
        said("/usr/sbin/nginx", &["-v"], 2).map(|version| format!("nginx {}", version.trim_start_matches("nginx/"))),
        said("/usr/sbin/varnishd", &["-V"], 1).map(|version| {
            let version = version.trim_start_matches("(varnish-").trim_end_matches(')');
            format!("Varnish {version}")
        }),
        said("node", &["--version"], 0).map(|version| format!("Node {version}")),
        package(peers, "node-tailor").map(|version| format!("Tailor {version}")),
        package(peers, "@podium/layout").map(|version| format!("Podium layout {version}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "Measured on {} UTC, commit {}, {}, {} cores, Linux {}; {}:\n\n```sh\n{}\n```",
        all_said("date", &["-u", "+%Y-%m-%d %H:%M"]).unwrap_or_default(),
        all_said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".into()),
        processor().unwrap_or_else(|| "an unknown processor".into()),
        process::cpus(),
        fs::read_to_string("/proc/sys/kernel/osrelease")
            .unwrap_or_default()
            .trim(),
        versions.join(", "),
        command(),
    )
}

/// This program as `cargo xtask bench` is told to run it.
fn command() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = if arguments.is_empty() { "" } else { " -- " };
    format!("cargo xtask bench{rest}{}", arguments.join(" "))
}

fn processor() -> Option<String> {
    let all = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = all.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.to_owned())
}

/// What the program says; some say their version on stderr.
fn all_said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let line = String::from_utf8_lossy(&text).lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

/// The word at this place of its first line, behind `version:` if that is in it.
fn said(program: &str, arguments: &[&str], place: usize) -> Option<String> {
    let line = all_said(program, arguments)?;
    Some(line.split_whitespace().nth(place)?.to_owned())
}

fn package(peers: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(peers.join("node_modules").join(name).join("package.json")).ok()?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("\"version\":"))?;
    Some(line.trim_matches([' ', '"', ',']).to_owned())
}
