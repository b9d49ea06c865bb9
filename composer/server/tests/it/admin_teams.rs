//! What a team's token can do and see, beside other teams.

use serde_json::{Value, json};

use crate::admin_platform::{Bff, Platform, manifest};

/// Every call that names an app, with a body that would be right.
fn on(app: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let version = format!("{app}@1.0.0");
    let file = json!({ "path": "marquetry.toml", "sha256": "0".repeat(64), "bytes": 1 });
    let origin = "http://127.0.0.1:9";
    vec![
        ("GET", format!("/v1/apps/{app}"), None),
        ("GET", format!("/v1/history?app={app}"), None),
        (
            "PUT",
            format!("/v1/apps/{app}/versions/1.0.0"),
            Some(json!({ "files": [file] })),
        ),
        (
            "PUT",
            format!("/v1/apps/{app}/versions/1.0.0/origins"),
            Some(json!({ "origins": [origin] })),
        ),
        ("POST", "/v1/releases".into(), Some(json!({ "apps": [version] }))),
        (
            "POST",
            "/v1/rollbacks".into(),
            Some(json!({ "apps": [{ "app": app }] })),
        ),
        ("POST", "/v1/purge".into(), Some(json!({ "app": app }))),
        (
            "POST",
            "/v1/instances".into(),
            Some(json!({ "version": version, "origin": origin })),
        ),
        (
            "POST",
            "/v1/overrides".into(),
            Some(json!({ "version": version, "files": [file], "origin": origin })),
        ),
    ]
}

#[tokio::test]
async fn a_team_can_do_nothing_to_another_teams_apps() {
    let platform = Platform::with("[overrides]\nenabled = true\n").await;
    let bff = Bff::start().await;
    platform.team("a-team", &["mine"]).await;
    platform.team("b-team", &["theirs"]).await;
    platform.publish(&manifest("theirs", "1.0.0")).await;
    let lease = platform.announce("theirs@1.0.0", &bff.origin()).await;
    let body = json!({ "apps": ["theirs@1.0.0"], "canary": { "audience": "share", "steps": [500] } });
    let canary = platform.post("/v1/releases", body).await.expect(200)["release"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = platform
        .token("a-team", &["read", "publish", "release", "announce", "dev"])
        .await;

    for app in ["theirs", "nobodys"] {
        for (method, path, body) in on(app) {
            let detail = platform.call(&token, method, &path, body).await.problem(403);
            assert!(
                detail.contains(&format!("for app `{app}`: it is for `mine`")),
                "{method} {path}: {detail}"
            );
        }
    }
    // Trains with another team's app, whole or in part.
    let train = json!({ "apps": ["mine@1.0.0", "theirs@1.0.0"] });
    platform
        .call(&token, "POST", "/v1/releases", Some(train))
        .await
        .problem(403);
    for change in ["promote", "pause", "resume", "abort"] {
        let path = format!("/v1/releases/{canary}/{change}");
        let theirs = platform.call(&token, "POST", &path, None).await.problem(404);
        let none = platform
            .call(&token, "POST", &format!("/v1/releases/r999/{change}"), None)
            .await
            .problem(404);
        assert_eq!(theirs.replace(&canary, "r999"), none, "told alike");
    }
    platform
        .call(&token, "DELETE", &format!("/v1/instances/{lease}"), None)
        .await
        .problem(404);
    for (method, path, body) in [
        ("PUT", "/v1/teams/a-team", Some(json!({ "apps": ["mine", "theirs"] }))),
        ("GET", "/v1/tokens", None),
        ("POST", "/v1/tokens", Some(json!({ "name": "x", "actions": ["admin"] }))),
        ("DELETE", "/v1/tokens/00000000", None),
        ("POST", "/v1/gc", None),
    ] {
        platform.call(&token, method, path, body).await.problem(403);
    }
    let still = platform.get("/v1/apps/theirs").await.expect(200);
    assert_eq!(
        (
            &still["canary"],
            still["versions"][0]["instances"].as_array().unwrap().len()
        ),
        (&json!(canary), 1)
    );
}

#[tokio::test]
async fn a_team_sees_its_own_things_and_of_others_what_pages_say() {
    let platform = Platform::start().await;
    let bff = Bff::start().await;
    platform.team("a-team", &["mine"]).await;
    platform.team("b-team", &["theirs", "secret"]).await;
    for app in ["mine", "theirs", "secret"] {
        platform.publish(&manifest(app, "1.0.0")).await;
        platform.announce(&format!("{app}@1.0.0"), &bff.origin()).await;
    }
    platform.release(&["mine@1.0.0"]).await;
    platform.release(&["theirs@1.0.0"]).await;
    let token = platform.token("a-team", &["read"]).await;
    let status = platform.call(&token, "GET", "/v1/status", None).await.expect(200);
    let apps = status["apps"].as_array().unwrap();
    let names: Vec<&str> = apps.iter().map(|app| app["app"].as_str().unwrap()).collect();
    assert_eq!(names, ["mine", "theirs"], "an app that isn't live is its team's secret");
    assert_eq!(apps[0]["versions"][0]["instances"][0]["origin"], bff.origin());
    assert_eq!(
        apps[1],
        json!({
            "app": "theirs", "team": null, "owner": "Team theirs", "revision": apps[1]["revision"],
            "stable": "1.0.0", "canary": null, "versions": [],
        })
    );
    let history = platform
        .call(&token, "GET", "/v1/history", None)
        .await
        .expect(200)
        .to_string();
    assert!(
        history.contains("mine@1.0.0") && history.contains("a-team"),
        "{history}"
    );
    assert!(
        !history.contains("theirs") && !history.contains("secret") && !history.contains("b-team"),
        "{history}"
    );
    let teams = platform.call(&token, "GET", "/v1/teams", None).await.expect(200);
    assert_eq!(teams, json!([{ "name": "a-team", "apps": ["mine"], "networks": [] }]));
    let page = platform
        .call(&token, "GET", "/v1/page?path=/theirs", None)
        .await
        .expect(200);
    assert_eq!(page["slots"][0]["fragment"], "theirs/main");
}

#[tokio::test]
async fn a_token_goes_with_what_its_team_owns_at_the_moment() {
    let platform = Platform::start().await;
    platform.team("a-team", &["one", "two"]).await;
    let body = json!({ "name": "narrow", "team": "a-team", "apps": ["one"], "actions": ["read"] });
    let narrow = platform.post("/v1/tokens", body).await.expect(201)["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let wide = platform.token("a-team", &["read"]).await;
    let sees = async |token: &str, app: &str| {
        platform
            .call(token, "GET", &format!("/v1/apps/{app}"), None)
            .await
            .status
    };
    assert_eq!((sees(&narrow, "one").await, sees(&narrow, "two").await), (200, 403));
    assert_eq!((sees(&wide, "one").await, sees(&wide, "two").await), (200, 200));
    platform.team("a-team", &["two"]).await;
    platform.team("b-team", &["one"]).await;
    assert_eq!((sees(&narrow, "one").await, sees(&wide, "one").await), (403, 403));
    let detail = platform
        .put("/v1/teams/c-team", json!({ "apps": ["two"] }))
        .await
        .problem(422);
    assert!(detail.contains("belongs to team `a-team`"), "{detail}");
    for broken in ["10.0.0.0/33", "nonsense", "10.1.2.3/8"] {
        let body = json!({ "apps": [], "networks": [broken] });
        let detail = platform.put("/v1/teams/d-team", body).await.problem(422);
        assert!(detail.contains(broken), "{detail}");
    }
    let foreign = json!({ "name": "x", "team": "a-team", "apps": ["one"], "actions": ["read"] });
    platform.post("/v1/tokens", foreign).await.problem(422);
    let admin = json!({ "name": "x", "team": "a-team", "actions": ["admin"] });
    platform.post("/v1/tokens", admin).await.problem(422);
}
