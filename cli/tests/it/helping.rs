//! Help, completions, and how a terminal is treated.

use std::process::Stdio;

use crate::{
    api::{Answer, Api, status},
    support::{Run, command, marquetry, said},
};

const COMMANDS: [&str; 20] = [
    "check",
    "pack",
    "publish",
    "release",
    "promote",
    "pause",
    "resume",
    "abort",
    "rollback",
    "purge",
    "status",
    "history",
    "show",
    "team",
    "token",
    "gc",
    "reload",
    "doctor",
    "serve",
    "completions",
];

#[test]
fn every_command_has_help_with_examples() {
    let whole = Run::from(marquetry(".".as_ref(), &["--help"])).good();
    for code in [
        "0 done",
        "2 the command line",
        "3 the composer could not be reached",
        "4 not allowed",
        "5 conflict",
    ] {
        assert!(whole.contains(code), "{whole}");
    }
    for name in COMMANDS {
        assert!(whole.contains(&format!("\n  {name} ")), "{name} is not in:\n{whole}");
        let help = Run::from(marquetry(".".as_ref(), &[name, "--help"])).good();
        assert!(
            help.contains(&format!("Examples:\n  marquetry {name}")) || name == "serve",
            "{help}"
        );
        assert!(help.contains("--token-file") && help.contains("--json"), "{help}");
    }
}

#[test]
fn docs_tell_every_command_and_exit_code() {
    let docs = include_str!("../../../docs/cli.md");
    for name in COMMANDS {
        assert!(
            docs.contains(&format!("\n## `marquetry {name}")),
            "docs/cli.md does not tell of `{name}`"
        );
    }
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Run::from(marquetry(".".as_ref(), &["completions", shell])).good();
        assert!(script.contains("rollback") && script.contains("canary"), "{shell}");
    }
}

#[test]
fn a_pipe_that_closes_is_no_failure() {
    let api = Api::start(|_| Answer::json(&status(58)));
    let mut child = api
        .command(".".as_ref(), &["status", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), said(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn there_are_no_colours_where_nobody_sees_them() {
    let api = Api::start(|_| Answer::json(&status(58)));
    let text = api.run(&["status", "checkout"]).good();
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn watching_prints_what_changed_and_outlives_a_composer_that_is_away() {
    use std::io::{BufRead, BufReader};
    let looks = std::sync::atomic::AtomicU64::new(0);
    let api = Api::start(move |_| match looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => Answer::json(&status(58)),
        1 => Answer::problem(503, "starting"),
        _ => Answer::json(&status(59)),
    });
    let mut child = command(
        ".".as_ref(),
        &["status", "--watch", "--json", "--quiet", "--admin", &api.url()],
    )
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("{\"revision\":58"));
    assert!(lines.next().unwrap().unwrap().starts_with("{\"revision\":59"));
    child.kill().unwrap();
    child.wait().unwrap();
}
