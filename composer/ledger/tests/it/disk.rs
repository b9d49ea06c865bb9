//! Disks that are full or can't be written.

use std::{fs, os::unix::fs::symlink, process::Command, sync::Arc};

use composer_ledger::{Actor, AppendError, Ledger, SqliteStore, StoreHealth};
use rustix::process::{Resource, getrlimit};

use crate::support::{Folder, acts_of, does, fill, publish, until};

async fn refused(ledger: &Ledger, version: &str) -> AppendError {
    let seen = ledger.state().revision();
    let act = publish(version);
    ledger.append(seen, Actor::new("ci"), act, None).await.unwrap_err()
}

#[tokio::test]
async fn a_full_database_refuses_acts_and_loses_none() {
    let folder = Folder::new();
    let store = SqliteStore::with_max_pages(folder.file("ledger.db"), 4);
    let ledger = Ledger::open(Arc::new(store), folder.path()).await.unwrap();
    fill(&ledger, 1).await;
    let mut done = 0;
    let error = loop {
        let seen = ledger.state().revision();
        let act = publish(&format!("reviews@2.0.{done}"));
        match ledger.append(seen, Actor::new("ci"), act, None).await {
            Ok(_) => done += 1,
            Err(error) => break error,
        }
    };
    assert!(done > 5);
    assert!(matches!(error, AppendError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    assert!(matches!(ledger.health().store, StoreHealth::Unavailable { .. }));
    assert!(ledger.health().to_string().contains("make room"));
    refused(&ledger, "reviews@3.0.0").await;
    let before = acts_of(&ledger);
    assert_eq!(before.len(), done + 3, "what is known goes on being served");
    drop(ledger);
    let ledger = folder.open().await;
    assert_eq!(acts_of(&ledger), before);
    does(&ledger, publish("reviews@3.0.0")).await;
    assert!(folder.evidence().is_empty(), "a full disk is no damage");
}

#[tokio::test]
async fn a_journal_that_cant_be_written_holds_nothing_up_and_catches_up() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 1).await;
    let journal = folder.file("journal.jsonl");
    fs::rename(&journal, folder.file("kept")).unwrap();
    symlink("/dev/full", &journal).unwrap();
    does(&ledger, publish("reviews@2.0.0")).await;
    let health = ledger.health();
    assert!(health.takes_acts() && health.journal.is_some(), "{health}");
    fs::remove_file(&journal).unwrap();
    fs::create_dir(&journal).unwrap();
    does(&ledger, publish("reviews@3.0.0")).await;
    fs::remove_dir(&journal).unwrap();
    fs::rename(folder.file("kept"), &journal).unwrap();
    until("the journal's catching up", || ledger.health().journal.is_none()).await;
    assert_eq!(folder.journal_lines(), 5);
    assert!(folder.evidence().is_empty());
}

/// Runs this very test again as a process that may not write large files.
#[test]
fn a_disk_that_fills_up_under_both_files_loses_nothing() {
    if getrlimit(Resource::Fsize).current.is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(until_the_limit());
    }
    let script =
        r#"trap '' XFSZ; ulimit -f 1024; exec "$0" --exact disk::a_disk_that_fills_up_under_both_files_loses_nothing"#;
    let own = std::env::current_exe().unwrap();
    let output = Command::new("sh").arg("-c").arg(script).arg(own).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn until_the_limit() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 1).await;
    let (mut done, mut refusals) = (0, 0);
    // A refusal may make room once: SQLite moves its WAL into the file then.
    while refusals < 5 {
        let seen = ledger.state().revision();
        let act = publish(&format!("reviews@2.{refusals}.{done}"));
        match ledger.append(seen, Actor::new("ci"), act, None).await {
            Ok(_) => (done, refusals) = (done + 1, 0),
            Err(AppendError::Unavailable { .. }) => refusals += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(done < 3000, "no file may have more than a mebibyte");
    }
    assert!(done > 20, "{done}");
    let before = acts_of(&ledger);
    assert_eq!(before.len(), done + 3);
    drop(ledger);
    let ledger = folder.open().await;
    let after = acts_of(&ledger);
    assert_eq!(after[..before.len()], before[..], "all that was acknowledged is there");
    assert!(after.len() <= before.len() + 1, "and at most what was tried");
}

#[tokio::test]
async fn a_folder_that_was_taken_away_refuses_acts_until_it_is_back() {
    let folder = Folder::new();
    let data = folder.file("data");
    let store = SqliteStore::new(data.join("ledger.db"));
    let ledger = Ledger::open(Arc::new(store), &data).await.unwrap();
    fill(&ledger, 2).await;
    fs::rename(&data, folder.file("elsewhere")).unwrap();
    let error = refused(&ledger, "reviews@2.0.0").await;
    assert!(matches!(error, AppendError::Unavailable { .. }), "{error}");
    assert_eq!(ledger.state().stable().to_string(), "reviews@1.0.1");
    fs::rename(folder.file("elsewhere"), &data).unwrap();
    does(&ledger, publish("reviews@2.0.0")).await;
    until("its health", || ledger.health().to_string().is_empty()).await;
}
