//! Publishing, releasing and taking back, as deploy pipelines do it.

use serde_json::{Value, json};

use crate::admin_platform::{Bff, Platform, manifest, pack, version_folder};

/// A platform whose team `shop-team` owns `shop` and `cart`, with a BFF that works.
pub(crate) async fn shop(keys: &str) -> (Platform, Bff) {
    let platform = Platform::with(keys).await;
    platform.team("shop-team", &["shop", "cart"]).await;
    (platform, Bff::start().await)
}

async fn live(platform: &Platform, app: &str) -> Value {
    platform.get(&format!("/v1/apps/{app}")).await.expect(200)["stable"].clone()
}

/// The rules of the findings of a refused release.
async fn refused(platform: &Platform, body: Value) -> Vec<String> {
    let problem = platform.post("/v1/releases", body).await.expect(422);
    let findings = problem["findings"].as_array().unwrap();
    let told = |finding: &Value| {
        let word = |key: &str| finding[key].as_str().unwrap().to_owned();
        format!("{} {} {}", word("severity"), word("rule"), word("at"))
    };
    findings.iter().map(told).collect()
}

#[tokio::test]
async fn a_version_goes_from_files_to_everybody_and_back() {
    let (platform, bff) = shop("").await;
    let published = platform.publish(&manifest("shop", "1.0.0")).await;
    assert_eq!(
        (&published["changed"], &published["version"]),
        (&json!(true), &json!("shop@1.0.0"))
    );
    let again = platform.publish(&manifest("shop", "1.0.0")).await;
    assert_eq!(again["changed"], false);
    let other = manifest("shop", "1.0.0").replace("Team shop", "Another team");
    let (_, body, files) = version_folder(&pack(&other).path().join("out"));
    for (sha256, bytes) in &files {
        platform.blob(sha256, bytes).await.expect(204);
    }
    let problem = platform.put("/v1/apps/shop/versions/1.0.0", body).await.expect(409);
    assert_eq!(problem["revision"], published["revision"], "{problem:#}");

    platform.announce("shop@1.0.0", &bff.origin()).await;
    let released = platform.release(&["shop@1.0.0"]).await;
    assert_eq!(released["live"], json!(["shop@1.0.0"]));
    assert_eq!(
        bff.asked("/fragments/main") + bff.asked("/fragments/part"),
        2,
        "each fragment was asked for once"
    );
    platform.publish(&manifest("shop", "1.1.0")).await;
    platform.announce("shop@1.1.0", &bff.origin()).await;
    platform.release(&["shop@1.1.0"]).await;
    let body = json!({ "apps": [{ "app": "shop" }], "reason": "orders fail" });
    let back = platform.post("/v1/rollbacks", body).await.expect(200);
    assert_eq!(back["live"], json!(["shop@1.0.0"]));
    assert_eq!(live(&platform, "shop").await, "1.0.0");

    let history = platform.get("/v1/history?app=shop&limit=2").await.expect(200);
    let newest = &history["entries"][0];
    assert_eq!(
        (&newest["act"], &newest["reason"]),
        (&json!("rolled-back"), &json!("orders fail"))
    );
    assert!(
        newest["by"]
            .as_str()
            .unwrap()
            .starts_with("first token of the platform (token "),
        "{newest}"
    );
    let before = history["before"].as_u64().unwrap();
    let older = platform
        .get(&format!("/v1/history?app=shop&limit=2&before={before}"))
        .await
        .expect(200);
    assert!(older["entries"][0]["revision"].as_u64().unwrap() < before);
    platform
        .post("/v1/rollbacks", json!({ "apps": [{ "app": "shop" }] }))
        .await
        .problem(422);
    platform
        .post("/v1/rollbacks", json!({ "apps": [{ "app": "cart" }] }))
        .await
        .problem(404);
}

#[tokio::test]
async fn what_a_bff_does_not_answer_is_not_released() {
    let (platform, bff) = shop("").await;
    platform.publish(&manifest("shop", "1.0.0")).await;
    let release = json!({ "apps": ["shop@1.0.0"] });
    assert_eq!(
        refused(&platform, release.clone()).await,
        ["error no-instance shop@1.0.0"]
    );
    platform.announce("shop@1.0.0", &bff.origin()).await;
    for (head, rule) in [
        ("500 Internal Server Error", "fragment-fails"),
        ("200 OK\r\ncontent-type: application/json", "fragment-fails"),
        ("302 Found\r\nlocation: /x", "fragment-redirects"),
        ("", "fragment-late"),
    ] {
        bff.answer("/fragments/part", head, "{}");
        assert_eq!(
            refused(&platform, release.clone()).await,
            [format!("error {rule} shop@1.0.0 part")],
            "{head}"
        );
    }
    assert_eq!(live(&platform, "shop").await, Value::Null);
    bff.answer("/fragments/part", "404 Not Found\r\ncontent-type: text/html", "");
    bff.answer("/fragments/main", "302 Found\r\nlocation: /elsewhere", "");
    let released = platform.post("/v1/releases", release).await.expect(200);
    assert_eq!(released["findings"][0]["rule"], "fragment-missing", "{released:#}");
    assert_eq!(live(&platform, "shop").await, "1.0.0");
}

#[tokio::test]
async fn a_page_in_another_apps_layout_is_asked_for_too() {
    let (platform, bff) = shop("").await;
    platform.publish(&manifest("shop", "1.0.0")).await;
    platform.announce("shop@1.0.0", &bff.origin()).await;
    platform.release(&["shop@1.0.0"]).await;
    let cart = manifest("cart", "1.0.0").replace("layout = \"cart/plain\"", "layout = \"shop/plain\"");
    platform.publish(&cart).await;
    let broken = Bff::start().await;
    broken.answer("/fragments/main", "503 Service Unavailable", "");
    platform.announce("cart@1.0.0", &broken.origin()).await;
    let found = refused(&platform, json!({ "apps": ["cart@1.0.0"] })).await;
    assert_eq!(found, ["error fragment-fails cart@1.0.0 main"]);
    let app = platform.get("/v1/apps/cart").await.expect(200);
    assert_eq!((&app["owner"], &app["stable"]), (&json!("Team cart"), &Value::Null));
}

#[tokio::test]
async fn a_dry_run_does_nothing() {
    let (platform, bff) = shop("").await;
    let (_, body, files) = version_folder(&pack(&manifest("shop", "1.0.0")).path().join("out"));
    let path = "/v1/apps/shop/versions/1.0.0";
    let missing = platform
        .put(&format!("{path}?dry_run=true"), body.clone())
        .await
        .expect(200);
    assert_eq!(missing["missing"].as_array().unwrap().len(), files.len());
    for (sha256, bytes) in &files {
        platform.blob(sha256, bytes).await.expect(204);
    }
    let dry = platform
        .put(&format!("{path}?dry_run=true"), body.clone())
        .await
        .expect(200);
    assert_eq!((&dry["published"], &dry["missing"]), (&json!(false), &json!([])));
    platform.put(path, body).await.expect(200);
    let origins = json!({ "apps": ["shop@1.0.0"], "origins": { "shop": [bff.origin()] } });
    let dry = platform
        .post("/v1/releases?dry_run=true", origins.clone())
        .await
        .expect(200);
    assert_eq!((&dry["release"], &dry["live"]), (&Value::Null, &json!([])));
    let app = platform.get("/v1/apps/shop").await.expect(200);
    assert_eq!(
        (&app["stable"], &app["versions"][0]["instances"]),
        (&Value::Null, &json!([]))
    );
    platform.post("/v1/releases", origins).await.expect(200);
    let app = platform.get("/v1/apps/shop").await.expect(200);
    let instance = &app["versions"][0]["instances"][0];
    assert_eq!(
        (&instance["source"], &instance["origin"]),
        (&json!("given"), &json!(bff.origin()))
    );
}

#[tokio::test]
async fn who_looked_at_something_older_is_told_so() {
    let (platform, bff) = shop("").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        platform.publish(&manifest("shop", version)).await;
        platform.announce(&format!("shop@{version}"), &bff.origin()).await;
    }
    let seen = platform.release(&["shop@1.0.0"]).await["revision"].as_u64().unwrap();
    let body = |version: &str| json!({ "apps": [format!("shop@{version}")], "if_revision": seen });
    let first = platform.post("/v1/releases", body("1.1.0")).await.expect(200);
    let problem = platform.post("/v1/releases", body("1.2.0")).await.expect(409);
    assert_eq!(problem["revision"], first["revision"]);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("released shop@1.1.0") && detail.contains("(token "),
        "{detail}"
    );
    let body = json!({ "apps": [{ "app": "shop" }], "if_revision": seen });
    platform.post("/v1/rollbacks", body).await.problem(409);
    assert_eq!(live(&platform, "shop").await, "1.1.0");
}

#[tokio::test]
async fn a_canary_is_paused_promoted_and_taken_back() {
    let (platform, bff) = shop("").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        platform.publish(&manifest("shop", version)).await;
        platform.announce(&format!("shop@{version}"), &bff.origin()).await;
    }
    platform.release(&["shop@1.0.0"]).await;
    let canary = |version: &str| json!({ "apps": [format!("shop@{version}")], "canary": { "audience": "share", "steps": [500, 10000], "every_s": 600 } });
    let begun = platform.post("/v1/releases", canary("1.1.0")).await.expect(200);
    let id = begun["release"].as_str().unwrap().to_owned();
    assert_eq!(begun["live"], json!(["shop@1.0.0"]));
    let status = platform.get("/v1/status").await.expect(200);
    let told = &status["canaries"][0];
    assert_eq!(
        (&told["id"], &told["state"], &told["share_bp"]),
        (&json!(id), &json!("running"), &json!(500))
    );
    assert!(told["next_step_at_ms"].as_u64().is_some(), "{told:#}");
    assert_eq!(status["apps"][1]["versions"][1]["live"], "canary", "{status:#}");

    let change = async |word: &str| {
        platform
            .call(&platform.token, "POST", &format!("/v1/releases/{id}/{word}"), None)
            .await
    };
    change("pause").await.expect(200);
    assert_eq!(
        platform.get("/v1/status").await.expect(200)["canaries"][0]["state"],
        "paused"
    );
    change("pause").await.expect(200);
    change("resume").await.expect(200);
    let detail = platform.post("/v1/releases", canary("1.2.0")).await.problem(422);
    assert!(detail.contains(&id), "{detail}");
    let promoted = change("promote").await.expect(200);
    assert_eq!(promoted["live"], json!(["shop@1.1.0"]));
    change("pause").await.problem(422);
    change("promote").await.expect(200);

    let begun = platform.post("/v1/releases", canary("1.2.0")).await.expect(200);
    let id = begun["release"].as_str().unwrap();
    let body = json!({ "reason": "not today" });
    let aborted = platform
        .post(&format!("/v1/releases/{id}/abort"), body)
        .await
        .expect(200);
    assert_eq!(aborted["live"], json!(["shop@1.1.0"]));
    assert_eq!(platform.get("/v1/status").await.expect(200)["canaries"], json!([]));
    platform.post("/v1/releases/r999/pause", json!({})).await.problem(404);
    platform.post("/v1/releases/57/pause", json!({})).await.problem(400);
}

#[tokio::test]
async fn a_page_is_told_as_it_is_and_as_it_was() {
    let (platform, bff) = shop("").await;
    platform.publish(&manifest("shop", "1.0.0")).await;
    platform.announce("shop@1.0.0", &bff.origin()).await;
    platform.release(&["shop@1.0.0"]).await;
    let first = platform.get("/v1/page?path=/shop").await.expect(200);
    assert_eq!(first["composition"], "shop@1.0.0");
    assert_eq!(
        (&first["route"], &first["layout"]),
        (&json!("/shop"), &json!("shop/plain"))
    );
    let slots = first["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 2, "{first:#}");
    assert_eq!(
        (&slots[0]["role"], &slots[0]["team"]),
        (&json!("primary"), &json!("shop-team"))
    );
    assert_eq!(
        (&slots[1]["included_by"], &slots[1]["depth"]),
        (&json!("shop/main"), &json!(1))
    );
    assert!(first["lock"].as_str().unwrap().split('.').count() == 3);

    platform.publish(&manifest("shop", "2.0.0")).await;
    platform.announce("shop@2.0.0", &bff.origin()).await;
    platform.release(&["shop@2.0.0"]).await;
    let at = first["at_ms"].as_u64().unwrap();
    let then = platform
        .get(&format!("/v1/page?path=/shop&at_ms={at}"))
        .await
        .expect(200);
    assert_eq!(
        (&then["composition"], &then["at_ms"]),
        (&first["composition"], &json!(at))
    );
    assert_eq!(
        platform.get("/v1/page?path=/shop").await.expect(200)["composition"],
        "shop@2.0.0"
    );
    let long_ago = platform.get("/v1/page?path=/shop&at_ms=0").await.expect(200);
    assert_eq!((&long_ago["route"], &long_ago["revision"]), (&Value::Null, &json!(0)));
    let none = platform.get("/v1/page?path=/nothing/here?x=1").await.expect(200);
    assert_eq!(
        (&none["route"], &none["lock"], &none["path"]),
        (&Value::Null, &Value::Null, &json!("/nothing/here"))
    );
    platform.get("/v1/page?path=shop").await.problem(400);
    platform.get("/v1/page").await.problem(400);
}
