//! `new`, `build` and `dev`, as a team types them.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use contract::admin::{NewOverride, OpenedOverride};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    api::{Answer, Api},
    support::{Run, marquetry},
};

/// A repository of the plain kind, which needs nothing to be compiled.
fn plain(folder: &Path) {
    let made: Run = marquetry(folder, &["new", "reviews", "--kind", "plain", "--page"]).into();
    made.good();
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_new_repository_keeps_the_rules_and_its_tests_pass() {
    let folder = TempDir::new().unwrap();
    plain(folder.path());
    let reviews = folder.path().join("reviews");
    let check: Run = marquetry(&reviews, &["check", "."]).into();
    assert!(check.good().starts_with("reviews@0.1.0: 1 page, 2 fragments"));
    let build: Run = marquetry(&reviews, &["build"]).into();
    assert!(build.good().starts_with("reviews@0.1.0 is built"));
    assert!(reviews.join("dist/assets/reviews.js").is_file());
    let tests = Command::new("python3")
        .args(["-m", "unittest", "discover", "--start-directory", "tests"])
        .current_dir(&reviews)
        .output()
        .unwrap();
    assert!(tests.status.success(), "{}", String::from_utf8_lossy(&tests.stderr));
}

#[test]
fn what_is_there_is_not_overwritten_and_nonsense_is_refused() {
    let folder = TempDir::new().unwrap();
    plain(folder.path());
    let again: Run = marquetry(folder.path(), &["new", "reviews"]).into();
    assert!(again.failed(1).contains("`reviews` is not empty"));
    let no_kits: Run = marquetry(folder.path(), &["new", "other", "--kits", "reviews"]).into();
    assert!(no_kits.failed(2).contains("is no checkout of Marquetry"));
    for name in ["Reviews", "../x", "a b", ""] {
        let bad: Run = marquetry(folder.path(), &["new", name]).into();
        bad.failed(2);
    }
    assert!(!folder.path().join("other").exists());
}

/// `marquetry dev` in a repository, with `--json`.
struct Developing {
    child: Child,
    shown: Lines<BufReader<ChildStdout>>,
}

impl Developing {
    fn start(api: &Api, repository: &Path) -> Self {
        let mut child = api
            .command(repository, &["dev", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let shown = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, shown }
    }

    /// What is said of the next build that is shown.
    fn next(&mut self) -> OpenedOverride {
        serde_json::from_str(&self.shown.next().unwrap().unwrap()).unwrap()
    }

    fn stop(mut self) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Developing {
    fn drop(&mut self) {
        // One that has ended already doesn't mind.
        let _ = self.child.kill();
    }
}

fn overrides() -> Api {
    Api::start(|asked| {
        if asked.line.starts_with("DELETE ") {
            return Answer::nothing();
        }
        let new: NewOverride = serde_json::from_str(&asked.body).unwrap();
        Answer::json(&OpenedOverride {
            id: new.id.unwrap_or_else(|| "3f9a12bc".into()),
            version: new.version,
            missing: vec![],
            // For the test: where the BFF is.
            open: new.origin,
            renew_ms: 30_000,
            expires_at_ms: 0,
            findings: vec![],
        })
    })
}

fn list(origin: &str) -> String {
    let url = format!("{origin}/fragments/list?product=AU-02");
    ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()
}

#[test]
fn each_change_is_shown_until_the_developer_stops() {
    let folder = TempDir::new().unwrap();
    plain(folder.path());
    let (reviews, api) = (folder.path().join("reviews"), overrides());
    let mut developing = Developing::start(&api, &reviews);
    let first = developing.next();
    assert!(list(&first.open).contains("Write a review"));

    // A style only: the same BFF.
    fs::write(reviews.join("assets/reviews.css"), "h2 { color: red }").unwrap();
    let second = developing.next();
    assert_eq!(second.open, first.open);

    // One that doesn't start is not shown; what was shown answers on.
    replace(&reviews.join("bff.py"), "Write a review", "Say it\" + \"");
    replace(&reviews.join("bff.py"), "def main():", "def main(:");
    fs::write(reviews.join("assets/reviews.css"), "h2 { color: blue }").unwrap();
    assert!(list(&first.open).contains("Write a review"));
    replace(&reviews.join("bff.py"), "Say it\" + \"", "Say it");
    replace(&reviews.join("bff.py"), "def main(:", "def main():");
    let mut last = developing.next();
    while last.open == first.open {
        last = developing.next();
    }
    assert!(list(&last.open).contains("Say it"));
    assert!(ureq::get(&first.open).call().is_err(), "the old BFF still runs");

    developing.stop();
    assert!(ureq::get(&last.open).call().is_err(), "the BFF still runs");
    assert_eq!(api.lines().last().unwrap(), "DELETE /v1/overrides/3f9a12bc");
    let asked = api.asked();
    let posts: Vec<NewOverride> = asked
        .iter()
        .filter(|asked| asked.line == "POST /v1/overrides")
        .map(|asked| serde_json::from_str(&asked.body).unwrap())
        .collect();
    assert_eq!(posts[0].id, None);
    assert!(posts[1..].iter().all(|post| post.id.as_deref() == Some("3f9a12bc")));
    assert!(posts[0].files.iter().any(|file| file.path.ends_with("/reviews.css")));
    assert_ne!(posts[0].files, posts[1].files);
}

#[test]
fn without_a_command_for_the_bff_the_developer_is_told_what_to_add() {
    let folder = TempDir::new().unwrap();
    plain(folder.path());
    let (reviews, api) = (folder.path().join("reviews"), overrides());
    replace(&reviews.join("marquetry.toml"), "bff = \"python3 bff.py\"", "");
    let mut child = api
        .command(&reviews, &["dev", "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("add `[build]` with `bff = ")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(api.asked().is_empty());
}

#[test]
fn a_composer_that_refuses_from_the_start_ends_it() {
    let folder = TempDir::new().unwrap();
    plain(folder.path());
    let api = Api::start(|_| Answer::problem(403, "the token may not `dev`"));
    let run = api.run_in(&folder.path().join("reviews"), &["dev"]);
    assert!(run.failed(4).contains("the token may not `dev`"));
}
