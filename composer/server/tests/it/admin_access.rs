//! Who may ask the admin API what, and what it says to everybody else.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    admin_platform::Platform,
    support::{Client, PATIENCE, composer},
};

const OPENAPI: &str = include_str!("../../../../docs/openapi.json");

/// Method and path of every call that needs a token, with names in it.
fn calls() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let zeros = "0".repeat(64);
        let names = [
            ("{app}", "shop"),
            ("{version}", "1.0.0"),
            ("{team}", "t"),
            ("{sha256}", zeros.as_str()),
        ];
        let id = if path.contains("releases") { "r1" } else { "00000000" };
        let named = names.iter().fold(path.replace("{id}", id), |path, (name, value)| {
            path.replace(name, value)
        });
        for (method, call) in methods.as_object().unwrap() {
            if call.get("security").is_none() {
                calls.push((method.to_uppercase(), named.clone()));
            }
        }
    }
    assert!(calls.len() > 20, "{calls:?}");
    calls
}

#[tokio::test]
async fn nothing_is_told_without_a_token() {
    let platform = Platform::start().await;
    for (method, path) in calls() {
        for authorization in [
            "",
            "authorization: Basic bXE6eA==\r\n",
            "authorization: Bearer mq_00000000_made-up\r\n",
            "authorization: Bearer\r\n",
            &format!(
                "authorization: Bearer {0}\r\nauthorization: Bearer {0}\r\n",
                platform.token
            ),
            &format!("authorization: Bearer {}x\r\n", platform.token),
            &format!("cookie: token={}\r\n", platform.token),
        ] {
            let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}");
            let answer = platform.send(&head, b"").await;
            assert_eq!(
                answer.reply.header("www-authenticate"),
                Some("Bearer realm=\"marquetry\""),
                "{head}"
            );
            answer.problem(401);
        }
    }
    let open = platform
        .send("GET /v1/openapi.json HTTP/1.1\r\nhost: localhost\r\n", b"")
        .await;
    assert_eq!(open.expect(200)["openapi"], "3.1.0");
}

#[tokio::test]
async fn only_programs_that_mean_this_listener_are_answered() {
    let platform = Platform::start().await;
    let token = &platform.token;
    let ask = async |lines: &str| {
        let head = format!("GET /v1/whoami HTTP/1.1\r\nauthorization: Bearer {token}\r\n{lines}");
        platform.send(&head, b"").await
    };
    for host in ["localhost", "127.0.0.1", "[::1]:80", "LOCALHOST:8081"] {
        ask(&format!("host: {host}\r\n")).await.expect(200);
    }
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1"] {
        ask(&format!("host: {host}\r\n")).await.problem(421);
    }
    let detail = ask("host: localhost\r\norigin: http://localhost\r\n")
        .await
        .problem(403);
    assert!(detail.contains("not for pages in a browser"), "{detail}");
    let preflight = "OPTIONS /v1/whoami HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\n\
                     access-control-request-method: GET\r\n";
    let answer = platform.send(preflight, b"").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.reply.header("access-control-allow-origin"), None);

    let named = Platform::with("admin_hosts = [\"admin.example\"]\n").await;
    let token = &named.token;
    for (host, status) in [("admin.example", 200), ("localhost", 421)] {
        let head = format!("GET /v1/whoami HTTP/1.1\r\nauthorization: Bearer {token}\r\nhost: {host}\r\n");
        assert_eq!(named.send(&head, b"").await.status, status, "{host}");
    }
}

#[tokio::test]
async fn every_reply_is_for_programs_and_for_this_moment() {
    let platform = Platform::start().await;
    for path in ["/v1/whoami", "/v1/nothing", "/else", "/v1/apps/NO"] {
        let answer = platform.get(path).await;
        let header = |name: &str| answer.reply.header(name).map(str::to_owned);
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert!(
            header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(header("x-request-id").unwrap().len(), 16, "{path}");
        if answer.status >= 400 {
            assert_eq!(answer.json["request_id"], header("x-request-id").unwrap(), "{path}");
        }
    }
}

#[tokio::test]
async fn an_address_says_what_it_takes() {
    let platform = Platform::start().await;
    let answer = platform.delete("/v1/tokens").await;
    let mut allowed: Vec<String> = answer
        .reply
        .header("allow")
        .unwrap()
        .split(',')
        .map(|each| each.trim().to_owned())
        .collect();
    allowed.sort();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    answer.problem(405);
    let options = platform.call(&platform.token, "OPTIONS", "/v1/releases", None).await;
    assert_eq!((options.status, options.reply.header("allow")), (204, Some("POST")));
    let token = &platform.token;
    let head = format!("HEAD /v1/whoami HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n");
    let head = platform.send(&head, b"").await;
    assert_eq!(head.status, 200);
    platform.get("/v1/nothing").await.problem(404);
}

#[tokio::test]
async fn a_body_is_json_of_the_right_shape_and_size() {
    let platform = Platform::start().await;
    let token = &platform.token;
    let post = async |kind: &str, body: &[u8]| {
        let head = format!(
            "POST /v1/tokens HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: {kind}\r\n"
        );
        platform.send(&head, body).await
    };
    let good = br#"{"name":"x","actions":["read"]}"#;
    post("text/plain", good).await.problem(415);
    post("application/x-www-form-urlencoded", b"name=x").await.problem(415);
    post("application/json; charset=utf-8", good).await.expect(201);
    let detail = post("application/json", br#"{"name":"x","actions":["read","fly"]}"#)
        .await
        .problem(400);
    assert!(detail.contains("`actions[1]`") && detail.contains("fly"), "{detail}");
    let detail = post("application/json", br#"{"name":"x","actions":["read"],"admin":true}"#)
        .await
        .problem(400);
    assert!(detail.contains("unknown field `admin`"), "{detail}");
    post("application/json", b"{").await.problem(400);
    post("application/json", b"").await.problem(400);
    post("application/json", &[b' '; (1 << 20) + 1]).await.problem(413);
    let detail = platform.get("/v1/history?limit=0").await.problem(400);
    assert!(detail.contains("`limit`"), "{detail}");
    platform.get("/v1/history?lmit=1").await.problem(400);
    platform.get("/v1/apps/Shop").await.problem(400);
    platform.get("/v1/apps/%ff").await.problem(400);
}

#[tokio::test]
async fn a_token_ends_at_once_when_it_is_revoked_and_by_itself_in_time() {
    let platform = Platform::start().await;
    platform.team("reviews-team", &["reviews"]).await;
    let body = json!({ "name": "ci", "team": "reviews-team", "actions": ["read"], "expires_in_s": 600 });
    let issued = platform.post("/v1/tokens", body).await.expect(201);
    let secret = issued["secret"].as_str().unwrap();
    let who = platform.call(secret, "GET", "/v1/whoami", None).await.expect(200);
    assert_eq!(
        (&who["team"], &who["apps"]),
        (&json!("reviews-team"), &json!(["reviews"]))
    );
    let listed = platform.get("/v1/tokens").await.expect(200).to_string();
    assert!(
        listed.contains(who["id"].as_str().unwrap()) && !listed.contains(secret),
        "{listed}"
    );
    let id = issued["token"]["id"].as_str().unwrap();
    let revoked = platform.delete(&format!("/v1/tokens/{id}")).await.expect(200);
    assert_eq!(revoked["revoked"], true);
    let detail = platform.call(secret, "GET", "/v1/whoami", None).await.problem(401);
    assert!(detail.contains("revoked"), "{detail}");
    platform.delete(&format!("/v1/tokens/{id}")).await.expect(200);
    platform.delete("/v1/tokens/00000000").await.problem(404);

    let body = json!({ "name": "short", "actions": ["read"], "expires_in_s": 1 });
    let issued = platform.post("/v1/tokens", body).await.expect(201);
    let secret = issued["secret"].as_str().unwrap();
    let started = Instant::now();
    while platform.call(secret, "GET", "/v1/whoami", None).await.status == 200 {
        assert!(started.elapsed() < PATIENCE);
    }
    let detail = platform.call(secret, "GET", "/v1/whoami", None).await.problem(401);
    assert!(detail.contains("expired"), "{detail}");
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nobody_locks_the_platform_out() {
    let platform = Platform::start().await;
    let own = platform.get("/v1/whoami").await.expect(200)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/tokens/{own}");
    let detail = platform.delete(&path).await.problem(422);
    assert!(detail.contains("the last that can issue others"), "{detail}");
    let body = json!({ "name": "ops", "actions": ["admin"], "expires_in_s": 3600 });
    platform.post("/v1/tokens", body).await.expect(201);
    platform.delete(&path).await.expect(200);
    platform.get("/v1/whoami").await.problem(401);
}

#[tokio::test]
async fn the_log_says_token_and_call_and_never_a_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let platform = Platform::start().await;
    platform.team("a-team", &["mine"]).await;
    let token = platform.token("a-team", &["read"]).await;
    platform.call(&token, "GET", "/v1/status", None).await.expect(200);
    platform
        .call(&token, "GET", &format!("/v1/history?app={token}"), None)
        .await
        .problem(400);
    platform
        .call(&format!("{token}x"), "GET", "/v1/status", None)
        .await
        .problem(401);
    platform.running.drain().await;
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let id = &token[3..11];
    let line = log.lines().find(|line| line.contains("get-status")).unwrap();
    assert!(
        line.contains(&format!("token.id=\"{id}\"")) && line.contains("http.status=200"),
        "{line}"
    );
    for secret in [&token, &platform.token] {
        let secret = &secret[12..];
        assert!(
            !log.contains(secret),
            "{}",
            log.lines().find(|line| line.contains(secret)).unwrap()
        );
    }
}

#[tokio::test]
async fn a_composer_of_fixed_apps_has_no_admin_api() {
    let composer = composer("").await;
    let mut client = Client::connect(composer.running.admin).await;
    client.send("GET /v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let reply = client.reply().await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("this composer serves fixed apps"), "{}", reply.body);
}
