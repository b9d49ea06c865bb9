//! A data folder, and what tests do with it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use composer_ledger::{Act, Actor, Entry, Ledger, SqliteStore, State};
use contract::admin::{AnalysisTerms, VersionFile};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// A data folder of its own.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::new(self.file("ledger.db"))
    }

    pub(crate) async fn open(&self) -> Ledger {
        Ledger::open(Arc::new(self.store()), self.path()).await.unwrap()
    }

    /// What a crash leaves: the files as they are at this moment.
    pub(crate) fn crash(&self) -> Self {
        let copy = Self::new();
        for entry in fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            // The shared memory of SQLite's index doesn't outlive its processes.
            if entry.file_type().unwrap().is_file() && !entry.file_name().to_string_lossy().ends_with("-shm") {
                fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    pub(crate) fn journal_lines(&self) -> usize {
        fs::read_to_string(self.file("journal.jsonl")).unwrap().lines().count()
    }

    /// Folders under `damaged/`.
    pub(crate) fn evidence(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.file("damaged")) else {
            return vec![];
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

pub(crate) fn team(apps: &str) -> Act {
    Act::TeamSet {
        team: "shop".parse().unwrap(),
        apps: apps.split(' ').map(|app| app.parse().unwrap()).collect(),
        networks: vec![],
    }
}

pub(crate) fn publish(version: &str) -> Act {
    let file = |path: &str, digit: &str| VersionFile {
        path: path.into(),
        sha256: digit.repeat(64).parse().unwrap(),
        bytes: 1234,
    };
    Act::VersionPublished {
        version: version.parse().unwrap(),
        files: vec![
            file("marquetry.toml", "a"),
            file("assets.json", "b"),
            file("assets/0123456789abcdef0123456789abcdef/reviews.js", "c"),
        ],
        note: Some("commit 0123456".into()),
    }
}

pub(crate) fn release(version: &str) -> Act {
    Act::Released {
        apps: vec![version.parse().unwrap()],
        canary: None,
        analysis: AnalysisTerms::default(),
    }
}

/// Does an act on top of whatever is there.
pub(crate) async fn does(ledger: &Ledger, act: Act) -> Arc<Entry> {
    let seen = ledger.state().revision();
    let reason = Some("a test".to_owned());
    ledger
        .append(seen, Actor::new("ci (token 3f9a12bc)"), act, reason)
        .await
        .unwrap()
}

/// A team, then `count` versions, each published and released.
pub(crate) async fn fill(ledger: &Ledger, count: usize) {
    does(ledger, team("reviews")).await;
    for number in 0..count {
        let version = format!("reviews@1.0.{number}");
        does(ledger, publish(&version)).await;
        does(ledger, release(&version)).await;
    }
}

pub(crate) fn is_recovery(entry: &Entry) -> bool {
    matches!(entry.act, Act::Recovered { .. })
}

/// The entries without those that tell of recoveries; these come last in most tests.
pub(crate) fn acts_of(ledger: &Ledger) -> Vec<Entry> {
    let entries = ledger.entries();
    let acts = entries.iter().filter(|entry| !is_recovery(entry));
    acts.map(|entry| Entry::clone(entry)).collect()
}

pub(crate) fn fold(entries: &[Arc<Entry>]) -> State {
    let mut state = State::default();
    entries.iter().for_each(|entry| state.apply(entry));
    state
}

/// Waits until `holds`, at most ten seconds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "never came: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
