//! A developer's own version, inside of the application and for that developer alone.

use serde_json::{Value, json};

use crate::{
    admin_platform::{Bff, Platform, manifest, pack, version_folder},
    support::Client,
    visits::{ask, get, publish, stamp, stamped},
};

const ON: &str = "[overrides]\nenabled = true\n";

/// Two apps that are live: `shop`, which a developer works at, and `cart`, which nobody touches.
async fn start() -> (Platform, Bff, Bff) {
    let platform = Platform::with(ON).await;
    platform.team("shop-team", &["shop", "cart"]).await;
    let (shop, _) = publish(&platform, "shop", "1.0.0").await;
    let (cart, _) = publish(&platform, "cart", "1.0.0").await;
    platform.release(&["shop@1.0.0", "cart@1.0.0"]).await;
    (platform, shop, cart)
}

/// Shows the developer's build of `shop`, of which `text` is the manifest.
async fn show(platform: &Platform, text: &str, origin: &str, id: Option<&str>) -> Value {
    let folder = pack(text);
    let (_, listed, files) = version_folder(&folder.path().join("out"));
    let body = json!({ "version": "shop@1.1.0", "files": listed["files"], "origin": origin, "id": id });
    let asked = platform.post("/v1/overrides", body.clone()).await.expect(200);
    let missing = asked["missing"].as_array().unwrap();
    if missing.is_empty() {
        return asked;
    }
    for sha256 in missing {
        let sha256 = sha256.as_str().unwrap();
        platform.blob(sha256, &files[sha256]).await.expect(204);
    }
    let opened = platform.post("/v1/overrides", body).await.expect(200);
    assert_eq!(opened["missing"], json!([]), "{opened:#}");
    opened
}

/// Opens the link and gives the cookie that it sets.
async fn open(platform: &Platform, opened: &Value) -> String {
    let reply = get(platform, opened["open"].as_str().unwrap(), &[]).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{reply:?}");
    let set = reply.header("set-cookie").unwrap();
    assert!(
        set.starts_with("marquetry-override=") && set.contains("; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    format!("cookie: {}", set.split(';').next().unwrap())
}

#[tokio::test]
async fn only_the_developer_sees_the_developer_s_version() {
    let (platform, _shop, _cart) = start().await;
    let own = stamped("shop", "own").await;
    let opened = show(&platform, &manifest("shop", "1.1.0"), &own.origin(), None).await;
    let version = opened["version"].as_str().unwrap().to_owned();
    assert!(version.starts_with("shop@1.1.0-dev."), "{version}");
    let mine = [open(&platform, &opened).await];
    let page = get(&platform, "/shop", &mine).await;
    assert_eq!(stamp(&page), "shop@own");
    let (app, number) = version.split_once('@').unwrap();
    assert!(
        page.body.contains(&format!("data-version=\"{number}\"")),
        "{}",
        page.body
    );
    let (before, badge) = page
        .body
        .split_once("<aside id=\"marquetry-override\"")
        .expect("the page has a badge");
    assert!(
        before.contains("<main>") && badge.contains(&format!("{app} {number}")),
        "{badge}"
    );
    assert!(
        badge.contains("</aside>\n</body>") || badge.contains("</aside>"),
        "{badge}"
    );
    let policy = page.header("content-security-policy").unwrap();
    let nonce = badge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(
        policy.contains(&format!("style-src 'self' 'nonce-{nonce}'")),
        "{policy}"
    );
    let others = get(&platform, "/shop", &[]).await;
    assert_eq!(stamp(&others), "shop@1.0.0");
    assert!(!others.body.contains("marquetry-override"));
    assert!(
        others
            .header("content-security-policy")
            .unwrap()
            .contains("style-src 'self';")
    );
    assert_eq!(stamp(&get(&platform, "/cart", &mine).await), "cart@1.0.0");
    let fragment = get(&platform, "/_m/fragment/shop/part", &mine).await;
    assert!(fragment.body.contains("stamp:shop@own"), "{fragment:?}");
    let api = format!("/_m/app/{version}/api");
    assert!(get(&platform, &api, &mine).await.body.ends_with("shop@own"));
    assert_eq!(get(&platform, &api, &[]).await.status, 404);
    let history = platform.get("/v1/history").await.expect(200);
    assert_eq!(history["entries"][0]["act"], "override-opened");
}

#[tokio::test]
async fn an_open_tab_hears_of_the_next_build_and_of_the_end() {
    let (platform, _shop, _cart) = start().await;
    let own = stamped("shop", "own").await;
    let first = show(&platform, &manifest("shop", "1.1.0"), &own.origin(), None).await;
    let id = first["id"].as_str().unwrap();
    let mine = [open(&platform, &first).await];
    let mut tab = Client::connect(platform.running.public).await;
    let cookie = &mine[0];
    tab.send(&format!(
        "GET /_m/override/events HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\nconnection: close\r\n\r\n"
    ))
    .await;
    assert_eq!(tab.head().await.status, 200);
    let same = show(&platform, &manifest("shop", "1.1.0"), &own.origin(), Some(id)).await;
    assert_eq!(same["version"], first["version"], "renewing is no build");
    let text = manifest("shop", "1.1.0").replace("Team shop", "Somebody");
    let second = show(&platform, &text, &own.origin(), Some(id)).await;
    assert_ne!(second["version"], first["version"]);
    let page = get(&platform, "/shop", &mine).await;
    assert!(
        page.body
            .contains(second["version"].as_str().unwrap().split_once('@').unwrap().1)
    );
    let old = format!("/_m/app/{}/api", first["version"].as_str().unwrap());
    let gone = get(&platform, &old, &mine).await;
    assert_eq!(
        (gone.status, gone.header("marquetry-gone")),
        (410, first["version"].as_str())
    );
    platform.delete(&format!("/v1/overrides/{id}")).await.expect(204);
    let told = tab.until_closed().await;
    let heard = |opened: &Value| {
        told.contains(&format!(
            "data: {}",
            opened["version"].as_str().unwrap().split_once('@').unwrap().1
        ))
    };
    assert!(
        heard(&first) && heard(&second) && told.contains("event: closed"),
        "{told}"
    );
    assert_eq!(stamp(&get(&platform, "/shop", &mine).await), "shop@1.0.0");
}

#[tokio::test]
async fn an_override_is_opened_by_its_link_and_closed_by_its_badge() {
    let (platform, _shop, _cart) = start().await;
    let own = stamped("shop", "own").await;
    let opened = show(&platform, &manifest("shop", "1.1.0"), &own.origin(), None).await;
    let link = opened["open"].as_str().unwrap();
    let elsewhere = ["sec-fetch-site: cross-site".to_owned()];
    assert_eq!(get(&platform, link, &elsewhere).await.status, 403);
    assert_eq!(get(&platform, "/_m/override?token=made.up.text", &[]).await.status, 410);
    let to = get(&platform, &format!("{link}&to=/shop"), &[]).await;
    assert_eq!(to.header("location"), Some("/shop"));
    let to = get(&platform, &format!("{link}&to=//evil.example"), &[]).await;
    assert_eq!(to.header("location"), Some("/"));
    let from = ["referer: http://localhost/shop".to_owned()];
    let closed = ask(platform.running.public, "POST /_m/override/close", &from, "").await;
    assert_eq!((closed.status, closed.header("location")), (303, Some("/shop")));
    assert!(
        closed
            .header("set-cookie")
            .unwrap()
            .starts_with("marquetry-override=; Path=/; Max-Age=0")
    );
    // The text of a link is no cookie.
    let token = link.split_once('=').unwrap().1;
    let forged = [format!("cookie: marquetry-override={token}")];
    assert_eq!(stamp(&get(&platform, "/shop", &forged).await), "shop@1.0.0");
}

#[tokio::test]
async fn a_build_that_fits_no_page_is_told_in_the_badge() {
    let (platform, _shop, _cart) = start().await;
    let own = stamped("shop", "own").await;
    let text = manifest("shop", "1.1.0").replace("path = \"/shop\"", "path = \"/cart\"");
    let opened = show(&platform, &text, &own.origin(), None).await;
    let mine = [open(&platform, &opened).await];
    let page = get(&platform, "/shop", &mine).await;
    assert_eq!(stamp(&page), "shop@1.0.0");
    assert!(page.body.contains("<pre>"), "{}", page.body);
}

#[tokio::test]
async fn without_leave_of_the_platform_there_are_no_overrides() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let body = json!({ "version": "shop@1.1.0", "files": [], "origin": "http://127.0.0.1:9" });
    let refused = platform.post("/v1/overrides", body).await;
    assert!((400..500).contains(&refused.status), "{:#}", refused.json);
    assert_eq!(get(&platform, "/_m/override?token=x", &[]).await.status, 404);
}

#[tokio::test]
async fn a_developer_s_page_checks_events_by_their_schemas() {
    let (platform, _shop, _cart) = start().await;
    let own = stamped("shop", "own").await;
    let events = "[events]\npublishes = [\"shop:count\"]\n[events.schemas]\n\"shop:count\" = \"count.json\"\n";
    let text = format!("{}\n{events}", manifest("shop", "1.1.0"));
    let opened = show(&platform, &text, &own.origin(), None).await;
    let mine = [open(&platform, &opened).await];
    let page = get(&platform, "/shop", &mine).await;
    assert!(page.body.contains("data-schemas=\"/_m/override/schemas\""));
    let told = get(&platform, "/_m/override/schemas", &mine).await;
    let told: Value = serde_json::from_str(&told.body).unwrap();
    let expected = json!({ "shop:count": { "app": opened["version"], "schema": { "type": "integer" } } });
    assert_eq!(told, expected);
    assert_eq!(get(&platform, "/_m/override/schemas", &[]).await.status, 404);
}
