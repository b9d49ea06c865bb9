//! What the composer tells the inspector, and to whom; other versions for one browser, and by what right.

use serde_json::Value;

use crate::{
    admin_platform::{Bff, Platform},
    support::Reply,
    visits::{ask, canary, get, lock, publish, stamp},
};

const ON: &str = "[inspector]\noffer = \"on\"\n";
const JSON: &str = "content-type: application/json";

/// Two versions of `shop`, the first one live.
async fn start(keys: &str) -> (Platform, [Bff; 2]) {
    let platform = Platform::with(keys).await;
    platform.team("shop-team", &["shop"]).await;
    let (first, _) = publish(&platform, "shop", "1.0.0").await;
    let (second, _) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    (platform, [first, second])
}

async fn told(platform: &Platform, headers: &[String]) -> Value {
    let reply = get(platform, "/_m/inspect?path=/shop", headers).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    serde_json::from_str(&reply.body).unwrap()
}

async fn choose(platform: &Platform, versions: &str, headers: &[String]) -> Reply {
    let body = format!("{{\"versions\":[{versions}]}}");
    let headers: Vec<String> = headers.iter().cloned().chain([JSON.into()]).collect();
    ask(platform.running.public, "POST /_m/inspect/versions", &headers, &body).await
}

fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie is set");
    assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
    format!("cookie: {}", set.split(';').next().unwrap())
}

#[tokio::test]
async fn a_tab_learns_what_it_shows_and_since_which_release() {
    let (platform, _bffs) = start(ON).await;
    let now = told(&platform, &[]).await;
    assert_eq!(
        (&now["composition"], &now["switching"]),
        (&"shop@1.0.0".into(), &"token".into())
    );
    let app = &now["apps"][0];
    assert_eq!(
        (&app["why"], &app["team"]),
        (&"stable".into(), &"shop-team".into()),
        "{app:#}"
    );
    assert!(
        app["release"]["id"].is_string() && app["release"]["course"] == "whole",
        "{app:#}"
    );
    assert_eq!(
        app["versions"],
        Value::Array(vec![]),
        "what isn't released is nobody's business"
    );
    let slots = now["page"]["slots"].as_array().unwrap();
    assert_eq!(slots[0]["role"], "primary", "{slots:#?}");
    let tab = [lock(&platform, "/shop").await];
    platform.release(&["shop@2.0.0"]).await;
    let old = told(&platform, &tab).await;
    assert_eq!(
        (&old["apps"][0]["why"], &old["state"]),
        (&"older".into(), &"behind".into())
    );
    assert_eq!(told(&platform, &[]).await["composition"], "shop@2.0.0");
}

#[tokio::test]
async fn a_canary_tells_who_is_in_it() {
    let (platform, _bffs) = start(ON).await;
    let id = canary(
        &platform,
        "shop@2.0.0",
        serde_json::json!({ "audience": { "cohort": "beta" } }),
    )
    .await;
    let seen = told(&platform, &["marquetry-cohort: beta".into()]).await;
    assert_eq!(
        (&seen["canaries"][0]["release"], &seen["canaries"][0]["admits"]),
        (&id.into(), &true.into())
    );
    assert_eq!(seen["apps"][0]["why"], "canary");
    let others = told(&platform, &[]).await;
    assert_eq!(
        (&others["canaries"][0]["admits"], &others["apps"][0]["why"]),
        (&false.into(), &"stable".into())
    );
}

#[tokio::test]
async fn who_is_not_offered_it_gets_nothing() {
    for keys in ["", "[inspector]\noffer = \"off\"\n"] {
        let (platform, _bffs) = start(keys).await;
        assert_eq!(get(&platform, "/_m/inspect?path=/shop", &[]).await.status, 404);
        assert_eq!(choose(&platform, "\"shop@2.0.0\"", &[]).await.status, 404);
        let page = get(&platform, "/shop", &[]).await;
        assert!(
            !page.body.contains("data-source") && !page.body.contains("data-inspector"),
            "{}",
            page.body
        );
    }
    let (platform, _bffs) = start(ON).await;
    let elsewhere = ["sec-fetch-site: cross-site".to_owned()];
    assert_eq!(get(&platform, "/_m/inspect", &elsewhere).await.status, 404);
    assert_eq!(choose(&platform, "", &elsewhere).await.status, 404);
}

#[tokio::test]
async fn slots_say_where_they_came_from_and_how_long_that_took() {
    let (platform, _bffs) = start(ON).await;
    let page = get(&platform, "/shop", &[]).await;
    assert_eq!(
        page.body.matches(" data-source=\"fresh\" data-took-ms=\"").count(),
        2,
        "{}",
        page.body
    );
    let fragment = get(&platform, "/_m/fragment/shop/part", &[]).await;
    assert!(fragment.body.contains(" data-source=\"fresh\""), "{fragment:?}");
}

#[tokio::test]
async fn another_version_takes_a_token_that_may_develop() {
    let (platform, _bffs) = start(ON).await;
    let wanted = "\"shop@2.0.0\"";
    assert_eq!(choose(&platform, wanted, &[]).await.status, 401);
    let bearer = |token: String| [format!("authorization: Bearer {token}")];
    let publisher = bearer(platform.token("shop-team", &["publish"]).await);
    assert_eq!(choose(&platform, wanted, &publisher).await.status, 403);
    platform.team("other-team", &["cart"]).await;
    let other = bearer(platform.token("other-team", &["dev"]).await);
    assert_eq!(choose(&platform, wanted, &other).await.status, 403);
    assert_eq!(
        told(&platform, &other).await["apps"][0]["versions"],
        Value::Array(vec![])
    );
    let own = bearer(platform.token("shop-team", &["dev"]).await);
    assert_eq!(
        told(&platform, &own).await["apps"][0]["versions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let mine = [cookie(&choose(&platform, wanted, &own).await)];
    assert_eq!(stamp(&get(&platform, "/shop", &mine).await), "shop@2.0.0");
    assert_eq!(stamp(&get(&platform, "/shop", &[]).await), "shop@1.0.0");
    let seen = told(&platform, &mine).await;
    assert_eq!(
        (&seen["apps"][0]["why"], &seen["chosen"][0]),
        (&"chosen".into(), &"shop@2.0.0".into())
    );
    // The way back is open to everybody.
    let back = choose(&platform, "", &mine).await;
    assert!(
        back.status == 200 && back.header("set-cookie").unwrap().contains("Max-Age=0"),
        "{back:?}"
    );
}

#[tokio::test]
async fn a_choice_that_cannot_be_shown_is_refused_or_left_aside() {
    let (platform, [_first, second]) = start("[inspector]\ndevelopment = true\n").await;
    for (versions, status) in [
        ("\"shop@9.9.9\"", 422),
        ("\"cart@1.0.0\"", 422),
        ("\"shop@1.0.0\",\"shop@2.0.0\"", 422),
        ("\"shop\"", 400),
        ("7", 400),
    ] {
        assert_eq!(choose(&platform, versions, &[]).await.status, status, "{versions}");
    }
    let many = vec!["\"shop@2.0.0\""; 33].join(",");
    assert_eq!(choose(&platform, &many, &[]).await.status, 400);
    let plain = ask(
        platform.running.public,
        "POST /_m/inspect/versions",
        &[],
        "{\"versions\":[]}",
    )
    .await;
    assert_eq!(plain.status, 415);
    let forged = ["cookie: marquetry-versions=eyJhbGciOiJIUzI1NiJ9.e30.x".to_owned()];
    assert_eq!(stamp(&get(&platform, "/shop", &forged).await), "shop@1.0.0");
    let mine = [cookie(&choose(&platform, "\"shop@2.0.0\"", &[]).await)];
    assert_eq!(stamp(&get(&platform, "/shop", &mine).await), "shop@2.0.0");
    drop(second);
}
