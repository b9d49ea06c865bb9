//! Visits of browsers to a composer with a ledger, and apps that stamp their version into all they say.

use std::net::SocketAddr;

use serde_json::json;

use crate::{
    admin_platform::{Bff, Platform, manifest},
    support::{Client, Reply},
};

/// One request on a connection of its own; `headers` are whole lines.
pub(crate) async fn ask(public: SocketAddr, start: &str, headers: &[String], body: &str) -> Reply {
    let mut client = Client::connect(public).await;
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    client
        .send(&format!(
            "{start} HTTP/1.1\r\nhost: localhost\r\n{lines}{length}connection: close\r\n\r\n{body}"
        ))
        .await;
    let text = client.until_closed().await;
    let (head, body) = text.split_once("\r\n\r\n").expect("a reply has a head");
    Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.into(),
        body: body.into(),
    }
}

pub(crate) async fn get(platform: &Platform, path: &str, headers: &[String]) -> Reply {
    ask(platform.running.public, &format!("GET {path}"), headers, "").await
}

/// The versions that a page was made of, as its fragments stamped them; each once.
pub(crate) fn stamps(reply: &Reply) -> Vec<String> {
    let parts = reply.body.split("stamp:").skip(1);
    let mut found: Vec<String> = parts.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    found.sort();
    found.dedup();
    found
}

/// The one version that a page was made of.
#[track_caller]
pub(crate) fn stamp(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    let stamps = stamps(reply);
    assert_eq!(stamps.len(), 1, "{}", reply.body);
    assert_eq!(reply.body.matches("stamp:").count(), 2, "{}", reply.body);
    stamps[0].clone()
}

/// A version of `app` with a BFF that stamps what it says.
pub(crate) async fn stamped(app: &str, version: &str) -> Bff {
    let bff = Bff::start().await;
    let main = format!("<p>stamp:{app}@{version}</p><fragment-slot src=\"{app}/part\"></fragment-slot>");
    bff.answer("/fragments/main", "200 OK\r\ncontent-type: text/html", &main);
    let part = format!("<p>stamp:{app}@{version}</p>");
    bff.answer("/fragments/part", "200 OK\r\ncontent-type: text/html", &part);
    bff.answer(
        "/api",
        "200 OK\r\ncontent-type: text/plain",
        &format!("{app}@{version}"),
    );
    bff
}

/// Publishes `app` at `version` and announces one instance of it: its BFF, and the lease's id.
pub(crate) async fn publish(platform: &Platform, app: &str, version: &str) -> (Bff, String) {
    let bff = stamped(app, version).await;
    platform.publish(&manifest(app, version)).await;
    let lease = platform.announce(&format!("{app}@{version}"), &bff.origin()).await;
    (bff, lease)
}

/// Releases `version` to the users of a canary; gives the release's id.
pub(crate) async fn canary(platform: &Platform, version: &str, terms: serde_json::Value) -> String {
    let body = json!({ "apps": [version], "canary": terms });
    let released = platform.post("/v1/releases", body).await.expect(200);
    released["release"].as_str().unwrap().to_owned()
}

/// The lock of the page at `path`, as it is now.
pub(crate) async fn lock(platform: &Platform, path: &str) -> String {
    let page = platform.get(&format!("/v1/page?path={path}")).await.expect(200);
    format!("marquetry-composition: {}", page["lock"].as_str().unwrap())
}
