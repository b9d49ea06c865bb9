//! Many who act at once, in one process and in several.

use std::time::Duration;

use composer_ledger::{Act, Refusal};
use composer_registry::ActError;

use crate::shop::{Shop, live, released, seen, somebody};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_release_at_once_each_is_done_or_told() {
    let shop = Shop::new().await;
    for at in 0..5 {
        shop.add(&format!("a@1.{at}.0"), "").await;
    }
    let looked_at = shop.registry.ledger().unwrap().state().revision().0;
    let tasks: Vec<_> = (0..50)
        .map(|at| {
            let registry = shop.registry.clone();
            let act = released(&format!("a@1.{}.0", at % 5), None);
            tokio::spawn(async move { registry.act(somebody(), act, seen(looked_at), None).await })
        })
        .collect();
    let (mut done, mut unchanged, mut conflicts) = (0, 0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(one) if one.changed => done += 1,
            Ok(_) => unchanged += 1,
            Err(ActError::Refused(Refusal::Conflict { .. })) => conflicts += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(
        (done, unchanged, conflicts),
        (1, 9, 40),
        "the other nine wanted what the first did"
    );
    let entries = shop.registry.ledger().unwrap().entries();
    let releases = entries.iter().filter(|entry| matches!(entry.act, Act::Released { .. }));
    assert_eq!(releases.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_revision_the_last_one_wins_and_none_is_lost() {
    let shop = Shop::new().await;
    for at in 0..25 {
        shop.add(&format!("a@1.{at}.0"), "").await;
        shop.add(&format!("b@1.{at}.0"), "").await;
    }
    let other = shop.again().await;
    let tasks: Vec<_> = (0..50)
        .map(|at| {
            let app = if at % 2 == 0 { "a" } else { "b" };
            let act = released(&format!("{app}@1.{}.0", at / 2), None);
            let registry = if at % 3 == 0 {
                other.clone()
            } else {
                shop.registry.clone()
            };
            tokio::spawn(async move { registry.act(somebody(), act, None, None).await })
        })
        .collect();
    let mut revisions = Vec::new();
    for task in tasks {
        revisions.push(task.await.unwrap().unwrap().entry.revision);
    }
    revisions.sort();
    revisions.dedup();
    assert_eq!(revisions.len(), 50, "each has an entry of its own");
    let newest = *revisions.last().unwrap();
    for registry in [&shop.registry, &other] {
        let mut changes = registry.changes();
        let caught_up = changes.wait_for(|revision| *revision >= newest);
        tokio::time::timeout(Duration::from_secs(5), caught_up)
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(live(&shop.registry), live(&other));
    let state = shop.registry.ledger().unwrap().state();
    assert_eq!(live(&shop.registry), state.stable().to_string());
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_nothing_half_done() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    let mut changes = shop.registry.changes();
    let act = shop.registry.act(somebody(), released("a@1.0.0", None), None, None);
    let gone = tokio::time::timeout(Duration::ZERO, act).await;
    if gone.is_err() {
        let served = changes.wait_for(|_| live(&shop.registry) == "a@1.0.0");
        tokio::time::timeout(Duration::from_secs(5), served)
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(live(&shop.registry), "a@1.0.0");
}
