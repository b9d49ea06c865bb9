//! What it takes to publish a version.

use composer_registry::ActError;
use expect_test::{Expect, expect};

use crate::shop::{Shop, Version, sha256, somebody, version};

async fn refused(shop: &Shop, version: &Version, want: Expect) {
    let error = shop.publish(version).await.unwrap_err();
    want.assert_eq(&error.to_string());
    assert!(shop.registry.ledger().unwrap().state().version(&version.name).is_none());
}

#[tokio::test]
async fn a_version_is_published_once_all_its_files_are_there() {
    let shop = Shop::new().await;
    let one = Version::new("a@1.0.0", "");
    let publish = |dry_run| {
        shop.registry
            .publish(somebody(), one.name.clone(), one.new_version(), dry_run)
    };
    let reply = publish(false).await.unwrap();
    assert_eq!((reply.published, reply.missing.len()), (false, one.bytes.len()));
    shop.put(&one).await;
    let reply = publish(true).await.unwrap();
    assert!(!reply.published && reply.missing.is_empty(), "{reply:?}");
    let reply = publish(false).await.unwrap();
    assert!(reply.published && reply.changed, "{reply:?}");
    let again = publish(false).await.unwrap();
    assert!(again.published && !again.changed, "{again:?}");
    assert_eq!(again.revision, reply.revision);
}

#[tokio::test]
async fn a_published_version_never_changes() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    let mut other = Version::new("a@1.0.0", "");
    let text = other.text("plain.html").replace("Shop", "Market");
    other.set("layouts/plain.html", text.into_bytes());
    let error = shop.publish(&other).await.unwrap_err();
    assert!(matches!(error, ActError::Refused(_)));
    expect!["`a@1.0.0` is published with other files (revision 3); a version never changes: publish a new one"]
        .assert_eq(&error.to_string());
}

#[tokio::test]
async fn nobody_publishes_an_app_that_nobody_owns() {
    let shop = Shop::new().await;
    refused(
        &shop,
        &Version::new("z@1.0.0", ""),
        expect!["app `z` belongs to no team; ask the platform to claim it: `marquetry team set TEAM --app z`"],
    )
    .await;
}

#[tokio::test]
async fn the_list_of_files_is_checked_before_any_is_asked_for() {
    let shop = Shop::new().await;
    let mut bad = Version::new("a@1.0.0", "");
    bad.set("../../etc/passwd", b"root".to_vec());
    bad.files.retain(|file| file.path != "assets.json");
    let twice = bad.file("plain.html").clone();
    bad.files.push(twice);
    // How long compressed copies are is for their library to say.
    bad.files.iter_mut().for_each(|file| file.bytes = 1);
    let manifest = bad.files.iter_mut().find(|file| file.path == "marquetry.toml");
    manifest.unwrap().bytes = 1 << 40;
    refused(&shop, &bad, expect![[r#"
        error[files]: a@1.0.0: a version's files have at most 268435456 bytes together, got 1099511627783
        error[files]: a@1.0.0: `marquetry.toml` may have 67108864 bytes, it has 1099511627776
        error[files]: a@1.0.0: `../../etc/passwd` must be a path of letters, digits, `.`, `-`, `_` and single `/`, without `..`
        error[files]: a@1.0.0: `layouts/plain.html` must be there once
        error[files]: a@1.0.0: `assets.json` is missing: publish all files of the folder that `marquetry pack` made"#]])
    .await;
}

#[tokio::test]
async fn everything_wrong_with_the_files_is_told_in_one_go() {
    let shop = Shop::new().await;
    let mut bad = Version::new("a@1.0.0", "");
    bad.name = version("a@1.0.1");
    let manifest = bad.text("marquetry.toml");
    bad.set(
        "marquetry.toml",
        manifest
            .replace("module = \"a.js\"", "module = \"a.js\"\nbudget_bytes = 5")
            .into_bytes(),
    );
    bad.set(
        "layouts/plain.html",
        b"<!doctype html><html><head></head><body></body></html>".to_vec(),
    );
    bad.set("notes.txt", b"not of a version".to_vec());
    let script = bad.file(".js").path.clone();
    bad.set(&script, b"alert(1)".to_vec());
    refused(&shop, &bad, expect![[r#"
        error[files]: a@1.0.1: `assets/639acbca23cc81b7d8943999651a105d/a.js` is not the file that was packed: its hash differs
        error[files]: a@1.0.1: `assets/639acbca23cc81b7d8943999651a105d/a.js` has 8 bytes, `assets.json` says 500
        error[files]: a@1.0.1: `assets/639acbca23cc81b7d8943999651a105d/a.js.br` is not a smaller copy that unpacks to `assets/639acbca23cc81b7d8943999651a105d/a.js`
        error[files]: a@1.0.1: `assets/639acbca23cc81b7d8943999651a105d/a.js.zst` is not a smaller copy that unpacks to `assets/639acbca23cc81b7d8943999651a105d/a.js`
        error[files]: a@1.0.1: `assets/639acbca23cc81b7d8943999651a105d/a.js.gz` is not a smaller copy that unpacks to `assets/639acbca23cc81b7d8943999651a105d/a.js`
        error[files]: a@1.0.1: `notes.txt` is in no place of a version folder: neither the manifest nor `assets.json` names it
        error[files]: a@1.0.1: the manifest is of `a@1.0.0`, it can't be published as `a@1.0.1`; put the new version into `marquetry.toml`
        error[files]: a@1.0.1: `layouts/plain.html`: must have exactly one `<fragment-slot src="page">`, got 0
        error[files]: a@1.0.1: module and WASM must have at most 5 bytes with brotli, they have 35"#]]).await;
}

#[tokio::test]
async fn a_copy_that_unpacks_to_something_else_or_much_more_is_refused() {
    let shop = Shop::new().await;
    let mut bomb = Version::new("a@1.0.0", "");
    let copy = bomb.file(".js.gz").path.clone();
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![0; 50 << 20]).unwrap();
    bomb.set(&copy, encoder.finish().unwrap());
    let copy = bomb.file(".js.zst").path.clone();
    bomb.set(&copy, b"nothing".to_vec());
    refused(&shop, &bomb, expect![[r#"
        error[files]: a@1.0.0: `assets/639acbca23cc81b7d8943999651a105d/a.js.zst` is not a smaller copy that unpacks to `assets/639acbca23cc81b7d8943999651a105d/a.js`
        error[files]: a@1.0.0: `assets/639acbca23cc81b7d8943999651a105d/a.js.gz` is not a smaller copy that unpacks to `assets/639acbca23cc81b7d8943999651a105d/a.js`"#]]).await;
}

#[tokio::test]
async fn files_that_are_parsed_or_kept_in_memory_are_short() {
    let shop = Shop::new().await;
    let mut long = Version::new("a@1.0.0", "");
    let manifest = format!("{}# {}", long.text("marquetry.toml"), "x".repeat(300 << 10));
    long.set("marquetry.toml", manifest.into_bytes());
    long.set("assets.json", format!("[{}]", " ".repeat(300 << 10)).into_bytes());
    refused(
        &shop,
        &long,
        expect![[r#"
        error[files]: a@1.0.0: `assets.json` has 307202 bytes, 262144 are allowed
        error[files]: a@1.0.0: `marquetry.toml` has 307660 bytes, 262144 are allowed"#]],
    )
    .await;
    let mut long = Version::new("a@1.0.0", "");
    let layout = long.text("plain.html") + &" ".repeat(1 << 20);
    long.set("layouts/plain.html", layout.into_bytes());
    refused(
        &shop,
        &long,
        expect!["error[files]: a@1.0.0: `layouts/plain.html` has 1048691 bytes, 1048576 are allowed"],
    )
    .await;
}

#[tokio::test]
async fn slots_that_no_list_names_and_schemas_that_are_none_are_refused() {
    let shop = Shop::new().await;
    let events = "\n[events]\npublishes = [\"a:count\"]\n[events.schemas]\n\"a:count\" = \"schemas/count.json\"";
    let mut bad = Version::new("a@1.0.0", events);
    let layout = bad
        .text("plain.html")
        .replace("</body>", "<fragment-slot src=\"b/menu\"></fragment-slot></body>");
    bad.set("layouts/plain.html", layout.into_bytes());
    bad.set("schemas/count.json", b"[]".to_vec());
    refused(
        &shop,
        &bad,
        expect![[r#"
        error[files]: a@1.0.0: `schemas/count.json`, the schema of `a:count`, must be a JSON object
        error[files]: a@1.0.0: `layouts/plain.html`: slot `b/menu` must be in the layout's `includes`"#]],
    )
    .await;
}

#[tokio::test]
async fn a_file_under_the_hash_of_another_is_not_stored() {
    let shop = Shop::new().await;
    let error = shop.registry.put_blob(&sha256(b"one"), "two".into()).await.unwrap_err();
    expect!["the bytes have SHA-256 `3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3`, not `7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed`: put them under that name"].assert_eq(&error.to_string());
    assert!(!shop.blob(&sha256(b"one")).exists());
}

#[tokio::test]
async fn what_a_release_would_find_is_told_when_publishing() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    let two = Version::new("b@1.0.0", "includes = [\"a/gone\", \"d/later\"]");
    let reply = shop.publish(&two).await.unwrap();
    let findings: Vec<String> = reply.findings.iter().map(ToString::to_string).collect();
    expect![[r#"
        warning[include-missing]: b@1.0.0: fragment `main` includes `a/gone`, which a@1.0.0 doesn't offer; leave it out, or release a version of `a` that offers it first
        warning[include-not-live]: b@1.0.0: fragment `main` includes `d/later`, and app `d` is not live: the slot shows its fallback until it is"#]].assert_eq(&findings.join("\n"));
}

#[tokio::test]
async fn many_who_publish_the_same_at_once_publish_it_once() {
    let shop = Shop::new().await;
    let one = Version::new("a@1.0.0", "");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (registry, one) = (shop.registry.clone(), one.clone());
            tokio::spawn(async move {
                for (sha256, bytes) in &one.bytes {
                    registry.put_blob(sha256, bytes.clone()).await.unwrap();
                }
                let reply = registry
                    .publish(somebody(), one.name.clone(), one.new_version(), false)
                    .await;
                reply.unwrap()
            })
        })
        .collect();
    let mut changed = 0;
    for task in tasks {
        let reply = task.await.unwrap();
        assert!(reply.published);
        changed += usize::from(reply.changed);
    }
    assert_eq!(changed, 1);
    let left = std::fs::read_dir(shop.path("blobs/new")).unwrap().count();
    assert_eq!(left, 0, "nothing half written is left");
}

#[tokio::test]
async fn no_app_says_what_the_file_of_another_is() {
    let shop = Shop::new().await;
    let mut first = Version::new("a@1.0.0", "");
    // Whatever the list says: another app's file with the same bytes and name has the same address.
    let list = first.text("assets.json");
    assert!(list.contains("text/javascript"), "{list}");
    first.set(
        "assets.json",
        list.replace("text/javascript", "text/plain").into_bytes(),
    );
    shop.publish(&first).await.unwrap();
    shop.release("a@1.0.0").await.unwrap();
    let module = shop.module(&first).await.unwrap();
    assert_eq!(module.content_type, "text/javascript; charset=utf-8");
}
