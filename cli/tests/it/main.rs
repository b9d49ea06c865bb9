//! The binary as people use it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod asking;
mod composer;
mod helping;
mod repositories;
mod support;
mod telling;
mod uploading;

use std::process::Command;

use support::{marquetry, said, shop};

#[test]
fn a_good_manifest_is_told_in_a_line() {
    let folder = shop();
    let output = marquetry(folder.path(), &["check", "shop"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    assert_eq!(
        said(&output.stdout),
        "shop@1.0.0: 1 page, 1 fragment, 1 layout, all rules kept\n"
    );
}

#[test]
fn every_breach_is_told_and_the_exit_code_is_one() {
    let folder = shop();
    std::fs::write(
        folder.path().join("shop/marquetry.toml"),
        "[app]\nname = \"Shop\"\ncolour = 1\n",
    )
    .unwrap();
    let output = marquetry(folder.path(), &["check", "shop", "none"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = said(&output.stderr);
    for part in [
        "shop/marquetry.toml:2: `app.name`: `Shop` must be",
        "shop/marquetry.toml:3: `app.colour`: unknown key",
        "`app.version`: is required",
        "none/marquetry.toml:1: cannot be read",
        "5 rules are broken",
    ] {
        assert!(errors.contains(part), "`{part}` is missing in:\n{errors}");
    }
}

#[test]
fn a_version_is_packed_and_served() {
    let folder = shop();
    let pack = ["pack", "shop", "--assets", "build", "--out", "dist/shop"];
    let output = marquetry(folder.path(), &pack);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    assert!(said(&output.stdout).starts_with("shop@1.0.0 packed into dist/shop\nfile "));
    assert!(said(&marquetry(folder.path(), &pack).stdout).starts_with("shop@1.0.0 unchanged in"));

    let config = "[[apps]]\ndir = \"dist/shop\"\norigins = [\"http://127.0.0.1:1\"]\n";
    std::fs::write(folder.path().join("composer.toml"), config).unwrap();
    let mut serving = Command::new(env!("CARGO_BIN_EXE_marquetry"))
        .args(["serve", "--ready-json"])
        .env("MARQUETRY_LISTEN", "127.0.0.1:0")
        .env("MARQUETRY_ADMIN_LISTEN", "127.0.0.1:0")
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = serving.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    assert!(
        line.starts_with("{\"listening\":\"127.0.0.1:") && line.contains("\",\"admin\":\"127.0.0.1:"),
        "{line}"
    );
    Command::new("kill")
        .args(["-TERM", &serving.id().to_string()])
        .status()
        .unwrap();
    assert!(serving.wait().unwrap().success());
}

#[test]
fn a_bad_configuration_does_not_start() {
    let folder = shop();
    std::fs::write(
        folder.path().join("composer.toml"),
        "colour = 1\n[limits]\nhead_ms = 1\n",
    )
    .unwrap();
    let output = marquetry(folder.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = said(&output.stderr);
    assert!(errors.contains("composer.toml:1: `colour`: unknown key"), "{errors}");
    assert!(
        errors.contains("composer.toml:3: `limits.head_ms`: must be 50 to 60000, got 1"),
        "{errors}"
    );
}

#[test]
fn a_wrong_command_line_is_exit_code_two() {
    let folder = shop();
    for arguments in [&["sing"][..], &["pack", "shop"], &["pack", "--out", "x"], &["check"]] {
        assert_eq!(
            marquetry(folder.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
