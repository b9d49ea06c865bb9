//! Events for some visitors only: two people at the same page, and each hears their own.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use anyhow::{Result, ensure};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, header};
use serde_json::json;
use tests::{
    browser::Browser,
    client,
    composer::Config,
    environment,
    registry::Platform,
    stamped::{manifest, packed_from},
    wait::{PATIENCE, until},
};
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};

const MODULE: &str = "
export const mount = (slot, { subscribe }) => {
  for (const topic of ['shop:own', 'shop:all']) subscribe(topic, (value) => (slot.querySelector('#heard').textContent += `${topic} ${value}; `));
  return slot;
};
export const hydrate = mount;
export const unmount = () => {};
";
const EVENTS: &str = r#"
[events]
publishes = ["shop:own", "shop:all"]
subscribes = ["shop:own", "shop:all"]
feed = "/feed"
audiences = "/audiences"

[events.topics]
"shop:own" = { server = true, restricted = true }
"shop:all" = { server = true }
"#;

/// A BFF that knows its visitors by the cookie `who`, and tells what a test says.
struct Bff {
    origin: String,
    feed: Feed,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Feed {
    events: broadcast::Sender<String>,
    last: Arc<AtomicU64>,
}

impl Bff {
    async fn start() -> Result<Self> {
        let feed = Feed {
            events: broadcast::Sender::new(16),
            last: Arc::default(),
        };
        let router = Router::new()
            .route("/feed", get(follow))
            .route("/audiences", get(audiences))
            .fallback(async || Html("<p id=\"heard\">heard: </p>"))
            .with_state(feed.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { origin, feed, task })
    }

    fn publish(&self, topic: &str, audience: Option<&str>, value: &str) -> Result<()> {
        let number = self.feed.last.fetch_add(1, SeqCst) + 1;
        let audience = audience.map(|name| format!("audience: {name}\n")).unwrap_or_default();
        let event = format!("id: l1-{number}\nevent: {topic}\n{audience}data: {value:?}\n\n");
        self.feed.events.send(event)?;
        Ok(())
    }
}

impl Drop for Bff {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(State(feed): State<Feed>) -> Response {
    let events = feed.events.subscribe();
    let place = json!({ "log": "l1", "after": feed.last.load(SeqCst) });
    let first = format!("event: marquetry:feed\ndata: {place}\n\n");
    let parts = futures_util::stream::unfold((Some(first), events), async |(first, mut events)| {
        let part = match first {
            Some(first) => first,
            None => events.recv().await.ok()?,
        };
        Some((Ok::<_, Infallible>(part), (None, events)))
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(parts)).into_response()
}

async fn audiences(headers: HeaderMap) -> Response {
    let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok());
    let who = cookie
        .and_then(|cookie| cookie.strip_prefix("who="))
        .unwrap_or("nobody");
    Json(json!({ "audiences": [who] })).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_two_visitors_hears_what_is_meant_for_them() -> Result<()> {
    let shell = environment::dist()?.join("shell");
    let config = Config::default()
        .line("log = \"warn\"")
        .line(&format!("shell_dir = {shell:?}"));
    let platform = Platform::with(config).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let out = tempfile::tempdir()?;
    let text = manifest("shop@1.0.0", "/", &[], true).replace("owner =", "cookies = [\"who\"]\nowner =") + EVENTS;
    packed_from(&text, &[], &[("module.js", MODULE)], out.path()).await?;
    admin.publish("shop@1.0.0", out.path()).await?;
    let bff = Bff::start().await?;
    let _announced = admin.announce("shop@1.0.0", &bff.origin).await?;
    admin.release(&["shop@1.0.0"]).await?;

    let mut visitors = Vec::new();
    for who in ["ida", "bo"] {
        let browser = Browser::start().await?;
        let url = platform.composer.url("/");
        browser.go(&url).await?;
        browser
            .ask::<String>(&format!("(document.cookie = 'who={who}')"))
            .await?;
        browser.go(&url).await?;
        browser.element("#heard").await?;
        visitors.push(browser);
    }
    until(PATIENCE, "both listen, and the composer to the BFF", async || {
        let metrics = client::get(platform.composer.admin(), "/metrics").send().await?;
        let both = metrics.text().contains("composer_event_tabs 2");
        Ok((both && bff.feed.events.receiver_count() == 1).then_some(()))
    })
    .await?;
    for who in ["ida", "bo"] {
        bff.publish("shop:own", Some(who), &format!("for {who}"))?;
    }
    bff.publish("shop:own", None, "for nobody")?;
    bff.publish("shop:all", None, "for all")?;
    for (browser, who) in visitors.iter().zip(["ida", "bo"]) {
        // Events come in their order: when the last is there, so are those before it.
        browser.reads("#heard", "for all").await?;
        let heard = browser.text("#heard").await?;
        ensure!(
            heard == format!("heard: shop:own for {who}; shop:all for all;"),
            "{who}: {heard}"
        );
    }
    Ok(())
}
