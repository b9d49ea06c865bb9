//! Releases, rollbacks and canaries, through to what is served.

use composer_ledger::{Act, Audience};
use composer_registry::ActError;
use contract::admin::Severity;
use expect_test::{Expect, expect};

use crate::shop::{Shop, released, seen, somebody, version, versions};

async fn refused(shop: &Shop, names: &str, want: Expect) {
    let (before, revision) = (shop.live(), shop.registry.ledger().unwrap().state().revision());
    let error = shop.release(names).await.unwrap_err();
    want.assert_eq(&error.to_string());
    assert_eq!(shop.live(), before);
    assert_eq!(shop.registry.ledger().unwrap().state().revision(), revision);
}

#[tokio::test]
async fn a_release_is_served_as_soon_as_it_is_answered() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    shop.add("a@1.1.0", "").await;
    let mut changes = shop.registry.changes();
    assert_eq!(shop.live(), "");
    let done = shop.release("a@1.0.0").await.unwrap();
    assert!(done.changed);
    assert_eq!(shop.live(), "a@1.0.0");
    assert_eq!(*changes.borrow_and_update(), done.entry.revision);
    let snapshot = shop.registry.snapshot();
    shop.release("a@1.1.0").await.unwrap();
    assert_eq!(shop.live(), "a@1.1.0");
    assert_eq!(
        snapshot.stable().composition.to_string(),
        "a@1.0.0",
        "a request keeps its own"
    );
    let again = shop.release("a@1.1.0").await.unwrap();
    assert!(!again.changed);
    shop.roll_back("a@1.0.0").await.unwrap();
    assert_eq!(shop.live(), "a@1.0.0");
    assert!(shop.registry.snapshot().stable().site.resolve("/a").is_some());
}

#[tokio::test]
async fn a_canary_has_compositions_of_its_own_until_it_is_promoted() {
    let shop = Shop::new().await;
    for name in ["a@1.0.0", "a@1.1.0", "b@1.0.0"] {
        shop.add(name, "").await;
    }
    shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    let done = shop.act(released("a@1.1.0", Some(10_000))).await.unwrap();
    let snapshot = shop.registry.snapshot();
    assert_eq!(snapshot.stable().composition.to_string(), "a@1.0.0 b@1.0.0");
    let chosen = snapshot.choose(&Audience::default());
    assert_eq!(chosen.composition.to_string(), "a@1.1.0 b@1.0.0");
    assert!(chosen.site.resolve("/b").is_some());
    let release = done.entry.release().unwrap();
    shop.act(Act::Promoted { release }).await.unwrap();
    assert_eq!(shop.live(), "a@1.1.0 b@1.0.0");
}

#[tokio::test]
async fn an_old_composition_is_still_composed() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "").await;
    shop.add("a@1.1.0", "").await;
    shop.release("a@1.0.0").await.unwrap();
    shop.release("a@1.1.0").await.unwrap();
    let again = shop.again().await;
    let snapshot = again.snapshot();
    let old = versions("a@1.0.0").into_iter().collect();
    assert!(snapshot.ready(&old).is_none(), "only what is live is loaded at a start");
    let composed = snapshot.compose(&old, None).await.unwrap();
    assert_eq!(composed.site.composition().to_string(), "a@1.0.0");
    assert!(snapshot.ready(&old).is_some());
    let never = versions("a@9.0.0").into_iter().collect();
    let error = snapshot.compose(&never, None).await.unwrap_err();
    assert_eq!(error.to_string(), "`a@9.0.0` is not published");
}

#[tokio::test]
async fn pages_of_two_apps_at_one_address_are_refused() {
    let shop = Shop::new().await;
    let page = "\n[[pages]]\npath = \"/offers/{id?}\"\nfragment = \"main\"\nlayout = \"";
    let params = "params = [\"id\"]";
    shop.add("a@1.0.0", &format!("{params}{page}a/plain\"")).await;
    shop.add("b@1.0.0", &format!("{params}{page}b/plain\"")).await;
    shop.release("a@1.0.0").await.unwrap();
    refused(&shop, "b@1.0.0", expect!["error[route-conflict]: b@1.0.0: page `/offers/{id?}` is in conflict with `/offers/{id?}` of a@1.0.0: both match `/offers`; change one of them, or release the version that gives it up together with this one"]).await;
}

#[tokio::test]
async fn what_others_include_must_not_vanish() {
    let shop = Shop::new().await;
    shop.add("a@1.0.0", "\n[[fragments]]\nname = \"badge\"").await;
    shop.add("a@2.0.0", "").await;
    shop.add("b@1.0.0", "includes = [\"a/badge\", \"c/later\"]").await;
    shop.add("b@2.0.0", "").await;
    let done = shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    let findings: Vec<String> = done.findings.iter().map(ToString::to_string).collect();
    expect!["warning[include-not-live]: b@1.0.0: fragment `main` includes `c/later`, and app `c` is not live: the slot shows its fallback until it is"].assert_eq(&findings.join("\n"));
    refused(&shop, "a@2.0.0", expect!["error[include-vanishes]: a@2.0.0: fragment `a/badge` is not offered, and of b@1.0.0 fragment `main` includes it; keep it, or release a version of `b` that does without it first"]).await;
    shop.release("a@2.0.0 b@2.0.0").await.unwrap();
    assert_eq!(shop.live(), "a@2.0.0 b@2.0.0");
    let error = shop.roll_back("b@1.0.0").await.unwrap_err();
    assert!(matches!(error, ActError::Findings(_)), "{error}");
    shop.roll_back("a@1.0.0 b@1.0.0").await.unwrap();
}

#[tokio::test]
async fn layouts_that_pages_need_must_not_vanish() {
    let shop = Shop::new().await;
    let layout = "\n[[layouts]]\nname = \"wide\"\ntemplate = \"layouts/plain.html\"";
    let page = "\n[[pages]]\npath = \"/offers\"\nfragment = \"main\"\nlayout = \"a/wide\"";
    shop.add("a@1.0.0", layout).await;
    shop.add("a@2.0.0", "").await;
    shop.add("b@1.0.0", page).await;
    refused(&shop, "b@1.0.0", expect!["error[layout-not-live]: b@1.0.0: page `/offers` is laid into `a/wide`, and app `a` is not live; release it first, or together with this one"]).await;
    shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    refused(&shop, "a@2.0.0", expect!["error[layout-vanishes]: a@2.0.0: layout `a/wide` is not offered, and of b@1.0.0 page `/offers` is laid into it; keep it, or release a version of `b` that does without it first"]).await;
}

#[tokio::test]
async fn what_listeners_rely_on_must_stay() {
    let shop = Shop::new().await;
    let events = |schema: &str| {
        format!("\n[events]\npublishes = [\"a:count\"]\n[events.schemas]\n\"a:count\" = \"schemas/{schema}.json\"")
    };
    shop.add("a@1.0.0", &events("count")).await;
    shop.add("a@2.0.0", &events("text")).await;
    shop.add("a@3.0.0", "").await;
    shop.add("b@1.0.0", "\n[events]\nsubscribes = [\"a:count\", \"a:other\"]")
        .await;
    let done = shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    let findings: Vec<String> = done.findings.iter().map(ToString::to_string).collect();
    expect!["warning[topic-not-published]: b@1.0.0: it listens to `a:other`, which a@1.0.0 doesn't publish"]
        .assert_eq(&findings.join("\n"));
    refused(&shop, "a@2.0.0", expect![[r#"
        error[schema-breaks]: a@2.0.0: in events of `a:count` `count` was integer, it is string, and b@1.0.0 listens to them; keep it as it was, or release a version of `b` that does without it first
        error[schema-breaks]: a@2.0.0: in events of `a:count` `count` was required, it is not any more, and b@1.0.0 listens to them; keep it as it was, or release a version of `b` that does without it first"#]]).await;
    refused(&shop, "a@3.0.0", expect!["error[topic-vanishes]: a@3.0.0: topic `a:count` is not published any more, and b@1.0.0 listens to it; keep it, or release a version of `b` that does without it first"]).await;
    let canary = shop.act(released("a@3.0.0", Some(500))).await.unwrap_err();
    assert!(
        matches!(canary, ActError::Findings(_)),
        "a canary is checked as a release is"
    );
}

#[tokio::test]
async fn every_combination_of_canaries_is_checked() {
    let shop = Shop::new().await;
    let badge = "\n[[fragments]]\nname = \"badge\"";
    shop.add("a@1.0.0", badge).await;
    shop.add("a@2.0.0", "").await;
    shop.add("b@1.0.0", "").await;
    shop.add("b@2.0.0", "includes = [\"a/badge\"]").await;
    shop.release("a@1.0.0 b@1.0.0").await.unwrap();
    shop.act(released("a@2.0.0", Some(100))).await.unwrap();
    let error = shop.act(released("b@2.0.0", Some(100))).await.unwrap_err();
    expect!["error[include-missing]: b@2.0.0: fragment `main` includes `a/badge`, which a@2.0.0 doesn't offer; leave it out, or release a version of `a` that offers it first"].assert_eq(&error.to_string());
}

#[tokio::test]
async fn a_dry_run_finds_the_same() {
    let shop = Shop::new().await;
    shop.add(
        "b@1.0.0",
        "\n[[pages]]\npath = \"/offers\"\nfragment = \"main\"\nlayout = \"a/wide\"",
    )
    .await;
    let findings = shop.registry.check_release(&[version("b@1.0.0")]).await;
    assert_eq!((findings.len(), findings[0].rule.as_str()), (1, "layout-not-live"));
    let findings = shop.registry.check_release(&[version("b@9.0.0")]).await;
    assert_eq!((findings.len(), findings[0].severity), (1, Severity::Error));
    expect!["error[refused]: released b@9.0.0: `b@9.0.0` is not published; publish it first, `marquetry status` shows what is"].assert_eq(&findings[0].to_string());
}

#[tokio::test]
async fn who_looked_before_somebody_else_acted_is_told_who_was_first() {
    let shop = Shop::new().await;
    for name in ["a@1.0.0", "a@1.1.0", "a@1.2.0"] {
        shop.add(name, "").await;
    }
    let first = shop.release("a@1.0.0").await.unwrap().entry.revision.0;
    let act = released("a@1.1.0", None);
    shop.registry.act(somebody(), act, seen(first), None).await.unwrap();
    let act = released("a@1.2.0", None);
    let error = shop.registry.act(somebody(), act, seen(first), None).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("app `a` has changed since revision 6: somebody released a@1.1.0 at "),
        "{text}"
    );
    assert_eq!(shop.live(), "a@1.1.0");
}
