//! Instances, origins, overrides, files: what stands behind versions.

use serde_json::{Value, json};

use crate::{
    admin_platform::{manifest, pack, version_folder},
    admin_release::shop,
};

#[tokio::test]
async fn instances_come_and_go_within_their_networks() {
    let (platform, bff) = shop("").await;
    let id = platform.announce("shop@1.0.0", &bff.origin()).await;
    assert_eq!(
        platform.announce("shop@1.0.0", &bff.origin()).await,
        id,
        "the same instance is renewed"
    );
    let app = platform.get("/v1/apps/shop").await.expect(200);
    let ahead = &app["versions"][0];
    assert_eq!(
        (&ahead["published_at_ms"], &ahead["instances"][0]["id"]),
        (&Value::Null, &json!(id))
    );
    platform.delete(&format!("/v1/instances/{id}")).await.expect(204);
    platform.delete(&format!("/v1/instances/{id}")).await.problem(404);
    assert_eq!(platform.get("/v1/apps/shop").await.expect(200)["versions"], json!([]));

    let announce = async |origin: &str| {
        platform
            .post("/v1/instances", json!({ "version": "shop@1.0.0", "origin": origin }))
            .await
            .problem(422)
    };
    for (origin, why) in [
        ("http://10.1.2.3:80", "outside of the networks"),
        ("http://169.254.169.254", "link-local"),
        (
            format!("http://{}", platform.running.public).as_str(),
            "the composer itself listens",
        ),
        (
            format!("http://{}", platform.running.admin).as_str(),
            "the composer itself listens",
        ),
        ("https://127.0.0.1", "must be an origin"),
    ] {
        let detail = announce(origin).await;
        assert!(detail.contains(why), "{origin}: {detail}");
    }
    platform
        .put(
            "/v1/teams/shop-team",
            json!({ "apps": ["shop"], "networks": ["10.1.0.0/16"] }),
        )
        .await
        .expect(200);
    platform.announce("shop@1.0.0", "http://10.1.2.3:80").await;
    announce(&bff.origin()).await;
    let unowned = json!({ "version": "nobodys@1.0.0", "origin": bff.origin() });
    let detail = platform.post("/v1/instances", unowned).await.problem(422);
    assert!(detail.contains("belongs to no team"), "{detail}");
}

#[tokio::test]
async fn origins_are_set_for_published_versions() {
    let (platform, bff) = shop("").await;
    let path = "/v1/apps/shop/versions/1.0.0/origins";
    let body = json!({ "origins": [bff.origin()] });
    platform.put(path, body.clone()).await.problem(404);
    platform.publish(&manifest("shop", "1.0.0")).await;
    let set = platform.put(path, body).await.expect(200);
    assert_eq!(set["instances"][0]["origin"], bff.origin());
    platform
        .put(path, json!({ "origins": ["http://192.0.2.1"] }))
        .await
        .problem(422);
    platform.release(&["shop@1.0.0"]).await;
    let none = platform.put(path, json!({ "origins": [] })).await.expect(200);
    assert_eq!(none["instances"], json!([]));
    let doctor = platform.get("/v1/doctor").await.expect(200);
    assert_eq!(doctor["store"]["health"], "good");
    let found = doctor["findings"].to_string();
    assert!(found.contains("no-instance") && found.contains("shop@1.0.0"), "{found}");
}

#[tokio::test]
async fn a_developer_opens_an_override_where_the_platform_lets_them() {
    let (folder, (version, files)) = {
        let folder = pack(&manifest("shop", "1.0.0"));
        let (version, body, _) = version_folder(&folder.path().join("out"));
        (folder, (version, body["files"].clone()))
    };
    let (_, _, bytes) = version_folder(&folder.path().join("out"));
    let (off, bff) = shop("").await;
    let body = json!({ "version": version, "files": files, "origin": bff.origin() });
    off.post("/v1/overrides", body.clone()).await.problem(403);

    let (platform, _) = shop("[overrides]\nenabled = true\n").await;
    let missing = platform.post("/v1/overrides", body.clone()).await.expect(200);
    assert_eq!(
        (missing["missing"].as_array().unwrap().len(), &missing["open"]),
        (bytes.len(), &json!(""))
    );
    for (sha256, bytes) in &bytes {
        platform.blob(sha256, bytes).await.expect(204);
    }
    let opened = platform.post("/v1/overrides", body.clone()).await.expect(200);
    assert!(
        opened["open"].as_str().unwrap().starts_with("/_m/override?token="),
        "{opened:#}"
    );
    let id = opened["id"].as_str().unwrap();
    assert!(
        opened["version"]
            .as_str()
            .unwrap()
            .starts_with(&format!("shop@1.0.0-dev.{id}.")),
        "{opened:#}"
    );
    let mut again = body;
    again["id"] = json!(id);
    let renewed = platform.post("/v1/overrides", again).await.expect(200);
    assert_eq!(
        (&renewed["id"], &renewed["version"]),
        (&opened["id"], &opened["version"])
    );
    let history = platform.get("/v1/history").await.expect(200);
    let acts: Vec<&Value> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["act"])
        .collect();
    assert_eq!(
        acts.iter().filter(|act| **act == "override-opened").count(),
        1,
        "{history:#}"
    );
    platform.delete(&format!("/v1/overrides/{id}")).await.expect(204);
    platform.delete(&format!("/v1/overrides/{id}")).await.problem(404);
}

#[tokio::test]
async fn what_nobody_used_for_long_is_forgotten() {
    let (platform, bff) = shop("").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        platform.publish(&manifest("shop", version)).await;
    }
    platform.announce("shop@1.2.0", &bff.origin()).await;
    platform.announce("shop@1.0.0", &bff.origin()).await;
    platform.release(&["shop@1.2.0"]).await;
    let gone = json!(["shop@1.1.0"]);
    let dry = platform
        .post("/v1/gc", json!({ "dry_run": true, "unused_days": 0 }))
        .await
        .expect(200);
    assert_eq!((&dry["versions"], &dry["kept"]), (&gone, &json!(2)));
    let usual = platform.call(&platform.token, "POST", "/v1/gc", None).await.expect(200);
    assert_eq!(usual["versions"], json!([]), "30 days are not over");
    let done = platform.post("/v1/gc", json!({ "unused_days": 0 })).await.expect(200);
    assert_eq!(done["versions"], gone);
    platform
        .post("/v1/releases", json!({ "apps": ["shop@1.1.0"] }))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_place_where_nothing_answers_any_more_keeps_no_old_version() {
    let (platform, bff) = shop("").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        platform.publish(&manifest("shop", version)).await;
    }
    platform.announce("shop@1.2.0", &bff.origin()).await;
    platform.release(&["shop@1.2.0"]).await;
    let ended = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ended = format!("http://{}", ended.local_addr().unwrap());
    for (version, origin) in [("1.0.0", bff.origin()), ("1.1.0", ended)] {
        let path = format!("/v1/apps/shop/versions/{version}/origins");
        platform.put(&path, json!({ "origins": [origin] })).await.expect(200);
    }
    let states = |app: &Value| app["versions"].to_string();
    platform
        .until("/v1/apps/shop", |app| states(app).contains("unhealthy"))
        .await;
    let gone = platform.post("/v1/gc", json!({ "unused_days": 0 })).await.expect(200);
    assert_eq!(gone["versions"], json!(["shop@1.1.0"]));
}

#[tokio::test]
async fn a_file_is_what_its_name_says() {
    let (platform, _) = shop("").await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    platform.blob(empty, b"").await.expect(204);
    platform.blob(empty, b"x").await.problem(422);
    platform.blob("nothing", b"x").await.problem(400);
    let body = json!({ "files": [{ "path": "../marquetry.toml", "sha256": empty, "bytes": 0 }] });
    platform.put("/v1/apps/shop/versions/1.0.0", body).await.problem(422);
    let body = json!({ "files": [{ "path": "marquetry.toml", "sha256": empty, "bytes": 0 }] });
    let problem = platform.put("/v1/apps/shop/versions/1.0.0", body).await.expect(422);
    assert!(!problem["findings"].as_array().unwrap().is_empty(), "{problem:#}");
}
