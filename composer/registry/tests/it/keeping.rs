//! What stays, what comes back after a restart, and what goes.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant, SystemTime},
};

use composer_registry::{LoadedApp, OverrideError};
use contract::admin::GcTerms;
use expect_test::expect;

use crate::shop::{Shop, Version, live, somebody, version};

fn terms(unused_days: u32) -> GcTerms {
    GcTerms {
        dry_run: false,
        unused_days,
    }
}

/// Makes all stored files look as if they were put two hours ago.
fn age(shop: &Shop, one: &Version) {
    for sha256 in one.bytes.keys() {
        let file = File::options().append(true).open(shop.blob(sha256)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
    }
}

#[tokio::test]
async fn the_first_start_makes_a_token_that_only_its_owner_reads() {
    let shop = Shop::new().await;
    let path = shop.path("platform.token");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    let hash = crate::shop::sha256(text.trim_end().as_bytes());
    let state = shop.registry.ledger().unwrap().state();
    let token = state.token_by_hash(&hash, 0).unwrap();
    assert_eq!((token.record.team.clone(), token.record.actions.len()), (None, 6));
    let again = shop.again().await;
    assert_eq!(again.ledger().unwrap().state().tokens().count(), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_restart_serves_the_same_and_fast() {
    let shop = Shop::new().await;
    for name in ["a@1.0.0", "b@1.0.0", "c@1.0.0"] {
        shop.add(name, "").await;
    }
    shop.release("a@1.0.0 b@1.0.0 c@1.0.0").await.unwrap();
    let began = Instant::now();
    let again = shop.again().await;
    let took = began.elapsed();
    assert_eq!(live(&again), shop.live());
    assert_eq!(again.snapshot().revision(), shop.registry.snapshot().revision());
    assert!(took < Duration::from_secs(2), "{took:?}");
    println!("ready after {took:?}");
}

#[tokio::test]
async fn a_tab_of_an_old_version_still_gets_its_module() {
    let shop = Shop::new().await;
    let old = shop.add("a@1.0.0", "").await;
    let new = shop.add("a@1.1.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    shop.release("a@1.1.0").await.unwrap();
    for version in [&old, &new] {
        let module = shop.module(version).await.unwrap();
        assert_eq!(module.identity, version.bytes[&version.file(".js").sha256]);
        assert_eq!(module.copies.len(), 3);
    }
    let file = old.file(".js").path.clone();
    let digest = file.split('/').nth(1).unwrap();
    for nothing in [
        (digest, "b.js"),
        (digest, "a.js.br"),
        ("../..", "a.js"),
        (digest, "../a.js"),
    ] {
        assert!(shop.registry.asset(nothing.0, nothing.1).await.is_none(), "{nothing:?}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_moved_aside_and_healed_by_publishing_again() {
    let shop = Shop::new().await;
    let one = shop.add("a@1.0.0", "").await;
    shop.add("b@1.0.0", "").await;
    shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    let sha256 = one.file("plain.html").sha256.clone();
    let manifest = one.file("marquetry.toml").sha256.clone();
    fs::write(shop.blob(&manifest), "# changed").unwrap();
    assert_eq!(shop.live(), "a@1.0.0 b@1.0.0", "what is served is in memory");

    let again = shop.again().await;
    assert_eq!(live(&again), "b@1.0.0", "the rest is served");
    assert_eq!(again.trouble().len(), 1);
    expect![[r#"
        error[unreadable]: a@1.0.0: `a@1.0.0` is not a version that can be served:
          `marquetry.toml` can't be read: `69d61add81e75053a64bc011be2bf2d05f52a644f7c455ae49f14d22884bb03a` was damaged, its bytes are kept in `damaged/blobs/69d61add81e75053a64bc011be2bf2d05f52a644f7c455ae49f14d22884bb03a`; publish the version again with the same files, or roll back"#]].assert_eq(&again.trouble()[0].to_string().replace(&shop.path("").display().to_string(), ""));
    assert!(!shop.blob(&manifest).exists() && shop.blob(&sha256).exists());
    let evidence = shop.path("damaged/blobs").join(manifest.as_str());
    assert_eq!(fs::read_to_string(evidence).unwrap(), "# changed");

    let findings = again.check_files().await;
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    expect!["error[files-missing]: a@1.0.0: 1 of its 7 files are missing or were damaged, as `marquetry.toml`: publish it again with the same files"].assert_eq(&told.join("\n"));

    let publish = || again.publish(somebody(), one.name.clone(), one.new_version(), false);
    let reply = publish().await.unwrap();
    assert_eq!(reply.missing, std::slice::from_ref(&manifest));
    again.put_blob(&manifest, one.bytes[&manifest].clone()).await.unwrap();
    let reply = publish().await.unwrap();
    assert!(
        reply.missing.is_empty() && reply.published && !reply.changed,
        "{reply:?}"
    );
    assert_eq!(live(&again), "a@1.0.0 b@1.0.0");
    assert!(again.trouble().is_empty() && again.check_files().await.is_empty());
}

#[tokio::test]
async fn where_the_live_version_is_damaged_the_one_before_is_served() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    let two = shop.add("a@2.0.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    shop.release("a@2.0.0").await.unwrap();
    fs::remove_file(shop.blob(&two.file("marquetry.toml").sha256)).unwrap();
    let again = shop.again().await;
    assert_eq!(live(&again), "a@1.0.0");
    assert_eq!(
        again
            .snapshot()
            .choose(&composer_ledger::Audience::default())
            .composition
            .to_string(),
        "a@1.0.0"
    );
    assert_eq!(again.trouble().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_put_again_replaces_a_damaged_one() {
    let shop = Shop::new().await;
    let sha256 = crate::shop::sha256(b"whole");
    shop.registry.put_blob(&sha256, "whole".into()).await.unwrap();
    fs::write(shop.blob(&sha256), "whale").unwrap();
    shop.registry.put_blob(&sha256, "whole".into()).await.unwrap();
    assert_eq!(fs::read(shop.blob(&sha256)).unwrap(), b"whole");
}

#[tokio::test]
async fn what_was_being_written_when_a_composer_ended_is_cleared_away() {
    let shop = Shop::new().await;
    let (old, fresh) = (shop.path("blobs/new/1-1"), shop.path("blobs/new/2-2"));
    fs::write(&fresh, "half").unwrap();
    fs::write(&old, "half").unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(1);
    File::options()
        .append(true)
        .open(&old)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    shop.again().await;
    assert!(!old.exists());
    assert!(fresh.exists(), "another composer may be writing it");
}

#[tokio::test]
async fn garbage_is_what_nobody_can_see_or_go_back_to() {
    let shop = Shop::new().await;
    let mut all = Vec::new();
    for at in 0..5 {
        all.push(shop.add(&format!("a@1.{at}.0"), "").await);
    }
    for at in 0..3 {
        shop.release(&format!("a@1.{at}.0")).await.unwrap();
    }
    let lost = crate::shop::sha256(b"of no version");
    shop.registry.put_blob(&lost, "of no version".into()).await.unwrap();
    let in_use = BTreeSet::from([version("a@1.3.0")]);
    let gc = |terms| shop.registry.gc(somebody(), terms, in_use.clone());
    let reply = gc(terms(30)).await.unwrap();
    assert_eq!(
        (reply.versions.len(), reply.files, reply.kept),
        (0, 0, 5),
        "nothing is that old"
    );

    all.iter().for_each(|one| age(&shop, one));
    let dry = gc(GcTerms {
        dry_run: true,
        ..terms(0)
    })
    .await
    .unwrap();
    assert_eq!(dry.versions, ["a@1.0.0", "a@1.4.0"]);
    assert!(shop.blob(&all[0].file(".js").sha256).exists());
    let reply = gc(terms(0)).await.unwrap();
    assert_eq!(
        (&reply.versions, reply.files, reply.bytes, reply.kept),
        (&dry.versions, dry.files, dry.bytes, 3)
    );
    assert!(reply.files > 0);
    for one in [&all[0], &all[4]] {
        assert!(!shop.blob(&one.file(".js").sha256).exists());
        assert!(shop.module(one).await.is_none());
    }
    assert!(
        shop.blob(&all[0].file("plain.html").sha256).exists(),
        "others have it too"
    );
    assert!(shop.blob(&lost).exists(), "it was put a moment ago");
    assert!(
        shop.release("a@1.0.0")
            .await
            .unwrap_err()
            .to_string()
            .contains("is not published")
    );
    shop.roll_back("a@1.1.0").await.unwrap();
    assert!(
        shop.publish(&all[0]).await.unwrap().changed,
        "the same bytes may come back"
    );
    shop.release("a@1.0.0").await.unwrap();
}

#[tokio::test]
async fn an_override_is_composed_with_what_is_live_and_never_released() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    shop.add("b@1.0.0", "").await;
    shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    let own = Version::new("a@1.1.0", "\n[[fragments]]\nname = \"new\"");
    let name = version("a@1.1.0-dev.ab12.1");
    let load = |name| shop.registry.load_override(name, own.files.clone());
    assert!(
        matches!(load(name.clone()).await, Err(OverrideError::Missing(missing)) if missing.contains(&own.file(".js").sha256))
    );
    shop.put(&own).await;
    let error = load(version("a@2.0.0-dev.ab12.1")).await.unwrap_err();
    expect!["error[files]: a@2.0.0-dev.ab12.1: the manifest is of `a@1.1.0`, it can't be published as `a@2.0.0-dev.ab12.1`; put the new version into `marquetry.toml`"].assert_eq(&error.to_string());
    let loaded: std::sync::Arc<LoadedApp> = load(name.clone()).await.unwrap();
    assert_eq!(loaded.app.manifest.app_version(), name);
    let snapshot = shop.registry.snapshot();
    let stable = snapshot.stable().composition.clone();
    let composed = snapshot.compose(&stable, Some(&loaded)).await.unwrap();
    assert_eq!(composed.composition.to_string(), "a@1.1.0-dev.ab12.1 b@1.0.0");
    assert_eq!(shop.live(), "a@1.0.0 b@1.0.0");
    assert!(shop.module(&own).await.is_some());
    drop(loaded);
    assert!(shop.module(&own).await.is_none(), "it ends with its holder");
}
