//! Several ledgers on one folder.

use std::sync::Arc;

use composer_ledger::{Actor, AppendError, Ledger, Revision};

use crate::support::{Folder, acts_of, does, fill, publish, team, until};

#[tokio::test]
async fn what_one_does_the_other_sees() {
    let folder = Folder::new();
    let (here, there) = (folder.open().await, folder.open().await);
    fill(&here, 2).await;
    until("the acts of the other", || there.state().revision() == Revision(5)).await;
    assert_eq!(there.state().stable().to_string(), "reviews@1.0.1");
    does(&there, publish("reviews@2.0.0")).await;
    until("the answer", || here.state().revision() == Revision(6)).await;
    assert_eq!(here.entries(), there.entries());
    assert_eq!(folder.journal_lines(), 6);
    assert!(here.health().to_string().is_empty() && there.health().to_string().is_empty());
}

#[tokio::test]
async fn the_loser_of_two_has_caught_up_and_can_try_again() {
    let folder = Folder::new();
    let (here, there) = (folder.open().await, folder.open().await);
    does(&here, team("reviews")).await;
    let mut conflicts = 0;
    for number in 0..40 {
        let ledger = if number % 2 == 0 { &here } else { &there };
        let act = publish(&format!("reviews@1.0.{number}"));
        // Right after the other one has written, this one doesn't know of it yet.
        let seen = ledger.state().revision();
        match ledger.append(seen, Actor::new("ci"), act.clone(), None).await {
            Ok(_) => continue,
            Err(AppendError::Conflict { now, .. }) => assert_eq!(now, Revision(number + 1)),
            Err(error) => panic!("{error}"),
        }
        conflicts += 1;
        does(ledger, act).await;
    }
    assert!(conflicts > 0);
    until("both at the end", || here.entries() == there.entries()).await;
    assert_eq!(here.state().versions().count(), 40);
    assert_eq!(folder.journal_lines(), 41);
}

async fn publishes(ledger: Arc<Ledger>, major: u64) {
    for patch in 0..25 {
        let act = publish(&format!("reviews@{major}.0.{patch}"));
        loop {
            let seen = ledger.state().revision();
            match ledger.append(seen, Actor::new("ci"), act.clone(), None).await {
                Ok(_) => break,
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_lose_nothing() {
    let folder = Folder::new();
    let (here, there) = (Arc::new(folder.open().await), Arc::new(folder.open().await));
    does(&here, team("reviews")).await;
    let both = [
        tokio::spawn(publishes(Arc::clone(&here), 1)),
        tokio::spawn(publishes(Arc::clone(&there), 2)),
    ];
    for each in both {
        each.await.unwrap();
    }
    until("both at the end", || {
        here.state().revision() == there.state().revision()
    })
    .await;
    assert_eq!(here.state().versions().count(), 50);
    assert_eq!(here.entries().len(), 51);
    let here_entries = acts_of(&here);
    drop((here, there));
    let again = folder.open().await;
    assert_eq!(acts_of(&again), here_entries);
    assert!(folder.evidence().is_empty());
}

#[tokio::test]
async fn a_ledger_that_is_dropped_lets_its_store_go() {
    let folder = Folder::new();
    let store: Arc<dyn composer_ledger::Store> = Arc::new(folder.store());
    let weak = Arc::downgrade(&store);
    let ledger = Ledger::open(store, folder.path()).await.unwrap();
    does(&ledger, team("reviews")).await;
    drop(ledger);
    until("the end of what kept it", || weak.strong_count() == 0).await;
}

#[tokio::test]
async fn one_recovery_is_enough_for_all() {
    let folder = Folder::new();
    let (here, there) = (folder.open().await, folder.open().await);
    fill(&here, 3).await;
    until("both at the end", || here.entries() == there.entries()).await;
    std::fs::remove_file(folder.file("ledger.db")).unwrap();
    does(&here, publish("reviews@2.0.0")).await;
    until("both at the end", || here.entries() == there.entries()).await;
    does(&there, publish("reviews@3.0.0")).await;
    until("both at the end", || here.entries() == there.entries()).await;
    let acts = acts_of(&here);
    assert_eq!(acts.len(), 9);
    let recoveries = here.entries().len() - acts.len();
    assert_eq!(recoveries, 1, "{:#?}", here.entries());
}
