//! Opening, closing, and how long it takes.

use std::{fmt::Write, fs, sync::Arc, time::Instant};

use composer_ledger::{
    Actor, Entry, OpenError, Revision, State, StoreHealth,
    chain::{Head, Sealed},
};

use crate::support::{Folder, acts_of, does, fill, fold, is_recovery, publish, release, team};

#[tokio::test]
async fn what_was_done_is_there_after_a_restart() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    assert_eq!(ledger.state().revision(), Revision::ZERO);
    fill(&ledger, 5).await;
    let before = ledger.entries();
    drop(ledger);
    let ledger = folder.open().await;
    assert_eq!(ledger.entries(), before);
    assert_eq!(ledger.state().stable().to_string(), "reviews@1.0.4");
    assert!(ledger.health().takes_acts() && ledger.health().to_string().is_empty());
    assert_eq!(folder.journal_lines(), 11);
    assert!(folder.evidence().is_empty());
}

#[tokio::test]
async fn a_folder_that_isnt_there_is_made() {
    let folder = Folder::new();
    let inner = folder.file("data");
    let store = composer_ledger::SqliteStore::new(inner.join("ledger.db"));
    let ledger = composer_ledger::Ledger::open(Arc::new(store), &inner).await.unwrap();
    does(&ledger, team("reviews")).await;
}

#[tokio::test]
async fn a_deleted_database_comes_back_from_the_journal() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 3).await;
    let before = acts_of(&ledger);
    drop(ledger);
    fs::remove_file(folder.file("ledger.db")).unwrap();
    let ledger = folder.open().await;
    assert_eq!(acts_of(&ledger), before);
    assert!(is_recovery(ledger.entries().last().unwrap()));
    does(&ledger, publish("reviews@2.0.0")).await;
    drop(ledger);
    let ledger = folder.open().await;
    assert_eq!(ledger.entries().len(), before.len() + 2, "it recovers once");
}

#[tokio::test]
async fn a_deleted_journal_comes_back_from_the_database() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 3).await;
    let before = ledger.entries();
    drop(ledger);
    fs::remove_file(folder.file("journal.jsonl")).unwrap();
    let ledger = folder.open().await;
    assert_eq!(ledger.entries(), before);
    assert_eq!(folder.journal_lines(), before.len());
}

#[tokio::test]
async fn both_deleted_are_a_new_beginning() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 1).await;
    drop(ledger);
    fs::remove_file(folder.file("ledger.db")).unwrap();
    fs::remove_file(folder.file("journal.jsonl")).unwrap();
    let ledger = folder.open().await;
    assert!(ledger.entries().is_empty());
    does(&ledger, team("reviews")).await;
}

#[tokio::test]
async fn a_store_that_is_away_is_replaced_by_the_journal_until_it_is_back() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 3).await;
    let before = ledger.entries();
    drop(ledger);
    fs::rename(folder.file("ledger.db"), folder.file("away")).unwrap();
    fs::create_dir(folder.file("ledger.db")).unwrap();
    let ledger = folder.open().await;
    assert_eq!(ledger.entries(), before);
    assert!(matches!(ledger.health().store, StoreHealth::Unavailable { .. }));
    let refused = ledger
        .append(
            ledger.state().revision(),
            Actor::new("ci"),
            publish("reviews@2.0.0"),
            None,
        )
        .await;
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains("is not a file") && text.contains("try again once"),
        "{text}"
    );
    fs::remove_dir(folder.file("ledger.db")).unwrap();
    fs::rename(folder.file("away"), folder.file("ledger.db")).unwrap();
    does(&ledger, publish("reviews@2.0.0")).await;
    assert_eq!(ledger.entries().len(), before.len() + 1, "nothing was damaged");
    assert!(ledger.health().takes_acts());
}

#[tokio::test]
async fn with_neither_store_nor_journal_it_does_not_open() {
    let folder = Folder::new();
    fs::create_dir(folder.file("ledger.db")).unwrap();
    let store = Arc::new(folder.store());
    let error = composer_ledger::Ledger::open(store, folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Nothing { .. }), "{error}");
}

#[tokio::test]
async fn what_a_newer_program_wrote_is_not_taken_for_damage() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 1).await;
    let chain = ledger.entries();
    drop(ledger);
    let mut head = Head::default();
    let mut lines: Vec<Sealed> = chain.iter().map(|entry| head.seal(entry).unwrap()).collect();
    let json = r#"{"revision":4,"at_ms":99999999999999,"by":"x","what":{"act":"danced"}}"#;
    lines.push(head.seal_json(Revision(4), json));
    let text = lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{}", line.to_line()).unwrap();
        text
    });
    fs::write(folder.file("journal.jsonl"), text).unwrap();
    fs::remove_file(folder.file("ledger.db")).unwrap();
    let error = composer_ledger::Ledger::open(Arc::new(folder.store()), folder.path())
        .await
        .unwrap_err();
    let OpenError::Newer(cause) = error else {
        panic!("{error}")
    };
    assert!(cause.to_string().contains("run the version that wrote it"), "{cause}");
    assert!(folder.evidence().is_empty());
}

#[tokio::test]
async fn ten_thousand_entries_open_within_two_hundred_milliseconds() {
    let folder = Folder::new();
    let mut state = State::default();
    let mut head = Head::default();
    let mut lines = String::new();
    let acts = std::iter::once(team("reviews")).chain((0..).flat_map(|number| {
        let version = format!("reviews@1.{}.{}", number / 1000, number % 1000);
        [publish(&version), release(&version)]
    }));
    for (number, act) in acts.take(10_000).enumerate() {
        let entry = Entry {
            revision: Revision(number as u64 + 1),
            at_ms: 1_795_000_000_000 + number as u64,
            by: Actor::new("ci-reviews (token 3f9a12bc)"),
            act,
            reason: None,
        };
        state.check(&entry.act, None).unwrap();
        state.apply(&entry);
        writeln!(lines, "{}", head.seal(&entry).unwrap().to_line()).unwrap();
    }
    fs::write(folder.file("journal.jsonl"), lines).unwrap();
    drop(folder.open().await);
    let mut best = u128::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        let ledger = folder.open().await;
        best = best.min(begin.elapsed().as_millis());
        assert_eq!(ledger.entries().len(), 10_001);
        assert_eq!(fold(&ledger.entries()).stable(), ledger.state().stable());
    }
    assert!(best < 200, "{best} ms");
}
