//! The benchmark itself still works: it starts what it measures, and what it measures gets into the docs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// The docs with their markers, to be written into.
fn docs() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    fs::copy(original, folder.path().join("performance.md")).unwrap();
    folder
}

/// Runs the benchmark and gives what the docs say afterwards.
fn measured(arguments: &[&str]) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_marquetry-bench"));
    let composer = program.with_file_name("marquetry");
    assert!(composer.is_file(), "build it first: cargo build --package cli");
    let docs = docs();
    let mut bench = Command::new(program);
    bench.args(arguments).arg("--write").arg(docs.path());
    let output = bench.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    fs::read_to_string(docs.path().join("performance.md")).unwrap()
}

/// What stands between the markers of that name.
fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<!-- measured: {name} -->")).unwrap();
    rest.split_once("<!-- end -->").unwrap().0
}

#[test]
fn pages_are_measured_and_written_into_the_docs() {
    let arguments = [
        "--contestants=marquetry,bare",
        "--fragments=4",
        "--codings=plain,gzip",
        "--rounds=1",
        "--seconds=0.2",
        "--warm-up=0.1",
    ];
    let text = measured(&arguments);
    for name in ["uncached", "cached", "uncached-compressed", "cached-compressed"] {
        assert!(section(&text, name).contains("\n| 4 | marquetry |"), "{name}: {text}");
    }
    assert!(section(&text, "aims").contains("| cached, beside bare hyper"), "{text}");
}

#[test]
fn growth_is_measured_and_written_into_the_docs() {
    let arguments = ["growth", "--up-to=100", "--rounds=1", "--seconds=0.1", "--warm-up=0.1"];
    let text = measured(&arguments);
    for (name, row) in [
        ("growth-fragments", "\n| uncached |"),
        ("growth-registry", "\n| 100 | 100 |"),
        ("growth-variants", "\n| 100 |"),
        ("growth-connections", "\n| 100 |"),
    ] {
        assert!(section(&text, name).contains(row), "{name}: {text}");
    }
}
