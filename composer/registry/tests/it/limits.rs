//! What is taken has limits, and what can't be served changes nothing.

use std::{collections::BTreeSet, fs, sync::Arc, time::Duration};

use composer_registry::{ActError, BlobError, Registry};
use contract::{Prefix, admin::GcTerms};
use expect_test::expect;

use crate::shop::{Shop, Version, live, released, sha256, somebody, version, versions};

#[tokio::test]
async fn stored_files_have_a_limit() {
    let shop = Shop::with(|settings| settings.max_blob_bytes = 10).await;
    let put = |text: &'static str| {
        let registry = shop.registry.clone();
        async move { registry.put_blob(&sha256(text.as_bytes()), text.into()).await }
    };
    put("123456").await.unwrap();
    put("123456").await.unwrap();
    let error = put("654321").await.unwrap_err();
    assert!(matches!(error, BlobError::Full { .. }));
    expect!["stored files take 6 bytes, 10 are allowed: collect garbage (`marquetry gc`), then put `481f6cc0511143ccdd7e2d1b1b94faf0a700a8b49cd13922a70b5ae28acaa8c5` again"].assert_eq(&error.to_string());
    put("1234").await.unwrap();
}

#[tokio::test]
async fn a_registry_of_fixed_apps_takes_nothing() {
    let registry = Registry::fixed(&[], None, &Prefix::default(), 0).unwrap();
    let act = registry.act(somebody(), released("a@1.0.0", None), None, None).await;
    assert!(matches!(act, Err(ActError::Fixed)));
    let one = Version::new("a@1.0.0", "");
    let publish = registry
        .publish(somebody(), one.name.clone(), one.new_version(), false)
        .await;
    assert!(matches!(publish, Err(ActError::Fixed)));
    let put = registry.put_blob(&sha256(b"x"), "x".into()).await;
    assert!(matches!(put, Err(BlobError::Fixed)));
    let terms = GcTerms {
        dry_run: false,
        unused_days: 0,
    };
    let gc = registry.gc(somebody(), terms, BTreeSet::new()).await;
    assert!(matches!(gc, Err(ActError::Fixed)));
    assert!(registry.ledger().is_none() && registry.trouble().is_empty());
}

#[tokio::test]
async fn assets_that_do_not_fit_in_memory_come_from_the_disk() {
    let shop = Shop::with(|settings| settings.max_asset_bytes = 10).await;
    let one = shop.add("a@1.0.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    let module = shop.module(&one).await.unwrap();
    assert_eq!(module.identity, one.bytes[&one.file(".js").sha256]);
    let in_memory = shop.registry.snapshot();
    assert!(in_memory.asset(&module.digest, &module.file).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_ask_for_an_old_composition_get_one_that_is_built_once() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    shop.add("a@1.1.0", "").await;
    shop.release("a@1.1.0").await.unwrap();
    let old = versions("a@1.0.0").into_iter().collect();
    let snapshot = shop.registry.snapshot();
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (snapshot, old) = (Arc::clone(&snapshot), contract::Composition::clone(&old));
            tokio::spawn(async move { snapshot.compose(&old, None).await.unwrap() })
        })
        .collect();
    let first = snapshot.compose(&old, None).await.unwrap();
    for task in tasks {
        assert!(Arc::ptr_eq(&first, &task.await.unwrap()));
    }
}

#[tokio::test]
async fn what_another_composer_releases_and_cannot_be_read_here_changes_nothing() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    let two = shop.add("a@2.0.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    let here = shop.again().await;
    assert_eq!(live(&here), "a@1.0.0");
    // The other one has read it already.
    shop.registry.snapshot().load(&version("a@2.0.0")).await.unwrap();
    let manifest = two.file("marquetry.toml").sha256.clone();
    fs::remove_file(shop.blob(&manifest)).unwrap();
    shop.release("a@2.0.0").await.unwrap();
    let told = async {
        while here.trouble().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), told).await.unwrap();
    assert_eq!((live(&here).as_str(), shop.live().as_str()), ("a@1.0.0", "a@2.0.0"));

    here.put_blob(&manifest, two.bytes[&manifest].clone()).await.unwrap();
    let reply = here
        .publish(somebody(), two.name.clone(), two.new_version(), false)
        .await
        .unwrap();
    assert!(reply.published && !reply.changed);
    assert_eq!(live(&here), "a@2.0.0");
    assert!(here.trouble().is_empty());
}
