//! Acts one after the other.

use std::sync::Arc;

use composer_ledger::{Actor, AppendError, Refusal, Revision};

use crate::support::{Folder, does, fill, publish, release, team};

#[tokio::test]
async fn an_act_is_seen_at_once() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    let mut watch = ledger.watch();
    does(&ledger, team("reviews")).await;
    does(&ledger, publish("reviews@1.0.0")).await;
    let entry = does(&ledger, release("reviews@1.0.0")).await;
    assert_eq!(entry.release().map(|id| id.to_string()).as_deref(), Some("r3"));
    assert_eq!(ledger.state().stable().to_string(), "reviews@1.0.0");
    assert_eq!(*watch.borrow_and_update(), Revision(3));
    assert_eq!(folder.journal_lines(), 3);
}

#[tokio::test]
async fn the_slower_of_two_is_told_and_can_try_again() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    let seen = ledger.state().revision();
    does(&ledger, team("reviews")).await;
    let late = ledger.append(seen, Actor::new("b"), team("reviews decide"), None).await;
    assert!(matches!(
        late,
        Err(AppendError::Conflict {
            seen: Revision(0),
            now: Revision(1)
        })
    ));
    let ahead = ledger
        .append(Revision(9), Actor::new("b"), team("reviews decide"), None)
        .await;
    assert!(matches!(ahead, Err(AppendError::Conflict { .. })));
    does(&ledger, team("reviews decide")).await;
}

#[tokio::test]
async fn a_refused_act_leaves_no_trace() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    let refused = ledger
        .append(Revision::ZERO, Actor::new("x"), release("reviews@1.0.0"), None)
        .await;
    assert!(matches!(refused, Err(AppendError::Refused(Refusal::NotFound(_)))));
    let long = Some("x".repeat(3000));
    let refused = ledger
        .append(Revision::ZERO, Actor::new("x"), team("reviews"), long)
        .await;
    assert!(matches!(refused, Err(AppendError::Refused(Refusal::Rule(_)))));
    assert!(ledger.entries().is_empty());
    assert_eq!(folder.journal_lines(), 0);
}

#[tokio::test]
async fn an_act_that_changes_nothing_gives_the_entry_since_which_it_is_so() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 2).await;
    let published = does(&ledger, publish("reviews@1.0.0")).await;
    assert_eq!(published.revision, Revision(2));
    let released = does(&ledger, release("reviews@1.0.1")).await;
    assert_eq!(released.revision, Revision(5));
    assert_eq!(ledger.entries().len(), 5);
}

#[tokio::test]
async fn fifty_at_once_lose_nothing() {
    let folder = Folder::new();
    let ledger = Arc::new(folder.open().await);
    does(&ledger, team("reviews")).await;
    let deployers: Vec<_> = (0..50)
        .map(|number| {
            let ledger = Arc::clone(&ledger);
            tokio::spawn(async move {
                for patch in 0..4 {
                    let act = publish(&format!("reviews@{number}.0.{patch}"));
                    loop {
                        let seen = ledger.state().revision();
                        match ledger.append(seen, Actor::new("ci"), act.clone(), None).await {
                            Ok(_) => break,
                            Err(AppendError::Conflict { now, .. }) => assert!(now > seen),
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            })
        })
        .collect();
    for deployer in deployers {
        deployer.await.unwrap();
    }
    assert_eq!(ledger.entries().len(), 201);
    assert_eq!(ledger.state().versions().count(), 200);
    assert_eq!(folder.journal_lines(), 201);
}

#[tokio::test]
async fn an_act_goes_on_when_nobody_waits_for_it() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    let mut watch = ledger.watch();
    let act = ledger.append(Revision::ZERO, Actor::new("x"), team("reviews"), None);
    // One look is enough to begin it.
    let begun = tokio::time::timeout(std::time::Duration::ZERO, act).await;
    assert!(begun.is_err());
    watch.wait_for(|revision| *revision == Revision(1)).await.unwrap();
    assert!(ledger.state().team(&"shop".parse().unwrap()).is_some());
}

#[tokio::test]
async fn the_past_can_be_looked_at() {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, 3).await;
    let fifth = ledger.entry(Revision(5)).unwrap();
    let then = ledger.state_at(fifth.at_ms);
    assert!(then.revision() >= Revision(5));
    assert_eq!(ledger.state_at(0).revision(), Revision::ZERO);
    let newest = ledger.history(None, 2, |_| true);
    assert_eq!(newest.iter().map(|entry| entry.revision.0).collect::<Vec<_>>(), [7, 6]);
    let older = ledger.history(Some(Revision(6)), 2, |entry| entry.act.kind() == "released");
    assert_eq!(older.iter().map(|entry| entry.revision.0).collect::<Vec<_>>(), [5, 3]);
    assert!(ledger.history(Some(Revision(1)), 2, |_| true).is_empty());
    assert!(ledger.history(Some(Revision::ZERO), 2, |_| true).is_empty());
}
