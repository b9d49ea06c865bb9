//! Canaries: who is in, who stays in, and how one is taken back.

use std::collections::HashMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use composer_ledger::{Act, Actor};
use composer_registry::{Registry, Settings};
use contract::admin::ReleaseId;
use serde_json::json;

use crate::{
    admin_platform::{Bff, Platform},
    support::Reply,
    visits::{ask, canary, get, publish, stamp},
};

const SHARE: &str = "marquetry-user";

/// Two versions of `shop`, the first of them for everybody.
async fn shop(keys: &str) -> (Platform, Bff, Bff) {
    let platform = Platform::with(keys).await;
    platform.team("shop-team", &["shop"]).await;
    let (one, _) = publish(&platform, "shop", "1.0.0").await;
    let (two, _) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    (platform, one, two)
}

fn user(reply: &Reply) -> Option<String> {
    let set = reply.header("set-cookie")?.split(';').next()?;
    set.starts_with(SHARE).then(|| format!("cookie: {set}"))
}

#[tokio::test]
async fn a_share_of_users_is_in_and_nobody_flips_as_it_grows() {
    let (platform, _one, _two) = shop("").await;
    assert_eq!(
        user(&get(&platform, "/shop", &[]).await),
        None,
        "without a canary nobody is remembered"
    );
    let terms = json!({ "audience": "share", "steps": [2_000, 6_000] });
    let release = canary(&platform, "shop@2.0.0", terms).await;
    let mut seen = HashMap::new();
    for _ in 0..200 {
        let page = get(&platform, "/shop", &[]).await;
        let cookie = user(&page).expect("a new visitor is remembered");
        assert!(
            page.header("set-cookie")
                .unwrap()
                .ends_with("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
        );
        seen.insert(cookie, stamp(&page));
    }
    let inside = seen.values().filter(|stamp| *stamp == "shop@2.0.0").count();
    assert!((15..=70).contains(&inside), "{inside} of 200 at 20 %");
    for (cookie, stamp_before) in &seen {
        let page = get(&platform, "/shop", std::slice::from_ref(cookie)).await;
        assert_eq!((stamp(&page), user(&page)), (stamp_before.clone(), None));
    }
    // Another composer with the same ledger takes it on.
    let other = Registry::open(Settings::new(platform.folder.path().join("data")))
        .await
        .unwrap();
    let id: ReleaseId = release.parse().unwrap();
    let act = Act::CanaryStepped { release: id, step: 1 };
    other.act(Actor::system("test"), act, None, None).await.unwrap();
    platform
        .until("/v1/status", |status| status["canaries"][0]["share_bp"] == 6_000)
        .await;
    let mut grown = 0;
    for (cookie, stamp_before) in &seen {
        let now = stamp(&get(&platform, "/shop", std::slice::from_ref(cookie)).await);
        assert!(stamp_before == "shop@1.0.0" || now == "shop@2.0.0", "nobody goes back");
        grown += usize::from(now == "shop@2.0.0");
    }
    assert!(grown > inside && (90..=150).contains(&grown), "{grown} of 200 at 60 %");
}

#[tokio::test]
async fn a_cohort_and_a_group_see_their_canary() {
    let secret = "0123456789abcdef0123456789abcdef";
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), secret).unwrap();
    let path = key.path();
    let keys =
        format!("[audience]\ncohort_header = \"x-cohort\"\ngroup_cookie = \"session\"\ngroup_key_file = {path:?}\n");
    let (platform, _one, _two) = shop(&keys).await;
    let release = canary(&platform, "shop@2.0.0", json!({ "audience": { "cohort": "beta" } })).await;
    for (header, version) in [
        ("x-cohort: beta", "shop@2.0.0"),
        ("x-cohort: alpha", "shop@1.0.0"),
        ("marquetry-cohort: beta", "shop@1.0.0"),
    ] {
        let page = get(&platform, "/shop", &[header.into()]).await;
        assert_eq!((stamp(&page).as_str(), user(&page)), (version, None), "{header}");
    }
    platform
        .post(&format!("/v1/releases/{release}/abort"), json!({}))
        .await
        .expect(200);
    canary(&platform, "shop@2.0.0", json!({ "audience": { "group": "staff" } })).await;
    let session = |groups: serde_json::Value, secret: &str| {
        let claims = json!({ "groups": groups, "exp": 4_000_000_000_u64 });
        format!("cookie: session={}", jwt(&claims, secret))
    };
    for (header, version) in [
        (session(json!(["staff", "all"]), secret), "shop@2.0.0"),
        (session(json!(["all"]), secret), "shop@1.0.0"),
        (session(json!(["staff"]), &"x".repeat(32)), "shop@1.0.0"),
        ("x-cohort: beta".to_owned(), "shop@1.0.0"),
    ] {
        assert_eq!(
            stamp(&get(&platform, "/shop", std::slice::from_ref(&header)).await),
            version,
            "{header}"
        );
    }
}

fn jwt(claims: &serde_json::Value, secret: &str) -> String {
    let header = jsonwebtoken::Header::default();
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&header, claims, &key).unwrap();
    let head = token.split('.').next().unwrap();
    assert!(Base64UrlUnpadded::decode_vec(head).unwrap().starts_with(b"{"));
    token
}

#[tokio::test]
async fn a_page_that_a_browser_keeps_is_for_those_who_are_told_apart_as_its_visitor() {
    let (platform, one, _two) = shop("[audience]\ncohort_header = \"x-cohort\"\n").await;
    let kept = "200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60";
    one.answer("/fragments/main", kept, "<h1>kept</h1>");
    canary(&platform, "shop@2.0.0", json!({ "audience": { "cohort": "beta" } })).await;
    get(&platform, "/shop", &[]).await;
    let page = get(&platform, "/shop", &[]).await;
    assert!(page.header("etag").is_some(), "{page:?}");
    for name in ["cookie", "x-cohort"] {
        assert!(page.head.contains(&format!("vary: {name}\r\n")), "{name}: {page:?}");
    }
}

#[tokio::test]
async fn a_canary_that_fails_is_taken_back_by_itself() {
    let (platform, _one, two) = shop("").await;
    let terms = json!({ "audience": { "cohort": "beta" } });
    let release = canary(&platform, "shop@2.0.0", terms).await;
    watched(&platform).await;
    two.answer(
        "/fragments/main",
        "500 Internal Server Error\r\ncontent-type: text/html",
        "",
    );
    let beta = ["marquetry-cohort: beta".to_owned()];
    for _ in 0..25 {
        let status = get(&platform, "/shop", &beta).await.status;
        // 503 once it is left alone.
        assert!(matches!(status, 200 | 502 | 503), "{status}");
    }
    platform
        .until("/v1/status", |status| status["canaries"].as_array().unwrap().is_empty())
        .await;
    until_seen(&platform, &beta, "shop@1.0.0").await;
    let history = platform.get("/v1/history?app=shop").await.expect(200);
    let last = &history["entries"][0];
    assert_eq!(
        (&last["by"], &last["release"]),
        (&json!("system:analysis"), &json!(release))
    );
    let reason = last["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("shop@2.0.0 failed ") && reason.contains(", stable shop@1.0.0 0 of "),
        "{reason}"
    );
}

#[tokio::test]
async fn what_browsers_report_takes_a_canary_back() {
    let (platform, _one, _two) = shop("").await;
    let terms = json!({ "audience": { "cohort": "beta" } });
    canary(&platform, "shop@2.0.0", terms).await;
    watched(&platform).await;
    let beta = ["marquetry-cohort: beta".to_owned()];
    for _ in 0..25 {
        let page = get(&platform, "/shop", &beta).await;
        let id = page.header("x-request-id").unwrap();
        let report = json!({
            "app": "shop", "version": "2.0.0", "fragment": "shop/main", "phase": "load", "message": "thrown",
            "request_id": id,
        });
        for _ in 0..2 {
            let headers = ["content-type: application/json".to_owned()];
            let taken = ask(
                platform.running.public,
                "POST /_m/report",
                &headers,
                &report.to_string(),
            )
            .await;
            assert_eq!(taken.status, 204);
        }
    }
    platform
        .until("/v1/status", |status| status["canaries"].as_array().unwrap().is_empty())
        .await;
    let history = platform.get("/v1/history?app=shop").await.expect(200);
    let reason = history["entries"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("shop@2.0.0 broke in browsers on "), "{reason}");
}

#[tokio::test]
async fn a_canary_without_failures_grows_and_is_promoted() {
    let (platform, _one, _two) = shop("").await;
    let terms = json!({ "audience": "share", "steps": [500, 5_000, 10_000], "every_s": 1 });
    canary(&platform, "shop@2.0.0", terms).await;
    platform
        .until("/v1/status", |status| {
            status["canaries"].as_array().unwrap().is_empty() && status["apps"][0]["stable"] == "2.0.0"
        })
        .await;
    let history = platform.get("/v1/history?app=shop&limit=2").await.expect(200);
    let acts: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["act"])
        .collect();
    assert_eq!(acts, ["promoted", "canary-stepped"]);
    assert_eq!(history["entries"][0]["by"], "system:steps");
    until_seen(&platform, &[], "shop@2.0.0").await;
}

/// Waits until a page shows `version`: the ledger says so a moment earlier.
async fn until_seen(platform: &Platform, headers: &[String], version: &str) {
    let started = std::time::Instant::now();
    loop {
        let page = get(platform, "/shop", headers).await;
        if page.status == 200 && stamp(&page) == version {
            return;
        }
        assert!(started.elapsed() < crate::support::PATIENCE, "{page:?}");
    }
}

/// Waits until the numbers of the canary have begun.
async fn watched(platform: &Platform) {
    platform
        .until("/v1/status", |status| {
            !status["canaries"][0]["samples"].as_array().unwrap().is_empty()
        })
        .await;
}
