//! A BFF with a feed that a test fills, and a tab that listens.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    admin_platform::manifest,
    support::{Client, PATIENCE},
};

/// A log that a test writes.
#[derive(Clone)]
pub(crate) struct Feed {
    log: Arc<Mutex<Log>>,
    changes: watch::Sender<()>,
}

struct Log {
    name: String,
    floor: u64,
    /// Number, topic, audience (or none) and value.
    events: Vec<(u64, String, String, String)>,
    /// What is said instead of a feed.
    instead: Option<String>,
    asked: Vec<String>,
}

/// An instance that serves a feed.
pub(crate) struct Instance {
    pub(crate) address: SocketAddr,
    server: JoinHandle<()>,
}

impl Feed {
    pub(crate) fn new(name: &str) -> Self {
        let log = Log {
            name: name.into(),
            floor: 0,
            events: vec![],
            instead: None,
            asked: vec![],
        };
        Self {
            log: Arc::new(Mutex::new(log)),
            changes: watch::Sender::new(()),
        }
    }

    /// Publishes `value`; gives its number.
    pub(crate) fn publish(&self, topic: &str, value: impl ToString) -> u64 {
        self.publish_to("", topic, value)
    }

    /// Publishes `value` for one audience.
    pub(crate) fn publish_to(&self, audience: &str, topic: &str, value: impl ToString) -> u64 {
        let mut log = self.log.lock().unwrap();
        let number = log.events.last().map_or(log.floor, |event| event.0) + 1;
        log.events
            .push((number, topic.into(), audience.into(), value.to_string()));
        drop(log);
        self.changes.send_replace(());
        number
    }

    /// Forgets all events up to `number`.
    pub(crate) fn forget(&self, number: u64) {
        let mut log = self.log.lock().unwrap();
        log.events.retain(|event| event.0 > number);
        log.floor = number;
    }

    /// Says `text` instead of a feed, from the next question on.
    pub(crate) fn say(&self, text: Option<&str>) {
        self.log.lock().unwrap().instead = text.map(str::to_owned);
    }

    /// The places from which it was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().asked.clone()
    }

    /// An instance of a BFF with this feed.
    pub(crate) async fn serve(&self) -> Instance {
        self.serve_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn serve_at(&self, address: SocketAddr) -> Instance {
        let router = Router::new()
            .route("/events", get(feed))
            .route("/audiences", get(audiences))
            .fallback(async || ([(header::CONTENT_TYPE, "text/html")], "<p>hi</p>"))
            .with_state(self.clone());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            // They end with this task.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(router.clone());
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Instance { address, server }
    }

    /// What follows behind `place`: how it begins, if it has not begun, and the events.
    fn text(&self, place: &mut Option<u64>, asked: Option<&str>) -> String {
        let log = self.log.lock().unwrap();
        let mut text = String::new();
        if place.is_none() {
            let own = format!("{}-", log.name);
            let asked = asked.and_then(|asked| asked.strip_prefix(&own)?.parse().ok());
            let after = asked.filter(|asked| *asked >= log.floor).unwrap_or(log.floor);
            let opening = json!({ "log": log.name, "after": after });
            text = format!("event: marquetry:feed\ndata: {opening}\n\n");
            *place = Some(after);
        }
        for (number, topic, audience, value) in &log.events {
            if Some(*number) > *place {
                *place = Some(*number);
                text += &format!("id: {}-{number}\nevent: {topic}\n", log.name);
                if !audience.is_empty() {
                    text += &format!("audience: {audience}\n");
                }
                text += &format!("data: {value}\n\n");
            }
        }
        text
    }
}

async fn feed(State(feed): State<Feed>, headers: HeaderMap) -> Response {
    let asked = headers.get("last-event-id").map(|id| id.to_str().unwrap().to_owned());
    let instead = {
        let mut log = feed.log.lock().unwrap();
        log.asked.push(asked.clone().unwrap_or_default());
        log.instead.clone()
    };
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    if let Some(text) = instead {
        return (kind, text).into_response();
    }
    let mut changes = feed.changes.subscribe();
    changes.mark_changed();
    let begun = (feed, changes, asked, None);
    let parts = futures_util::stream::unfold(begun, |(feed, mut changes, asked, mut place)| async move {
        changes.changed().await.ok()?;
        let text = feed.text(&mut place, asked.as_deref());
        Some((Ok::<_, std::io::Error>(text), (feed, changes, asked, place)))
    });
    (kind, Body::from_stream(parts)).into_response()
}

/// Who has the cookie `who=ida` is in the audience `ida`.
async fn audiences(headers: HeaderMap) -> Response {
    if headers.contains_key("marquetry-base") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok());
    let who = cookie
        .and_then(|cookie| cookie.strip_prefix("who="))
        .unwrap_or("nobody");
    Json(json!({ "audiences": [who] })).into_response()
}

impl Instance {
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it, with all its connections.
    pub(crate) async fn stop(self) -> SocketAddr {
        self.server.abort();
        let _ = self.server.await;
        self.address
    }
}

/// A manifest of `app` with a feed: the topics `count` for everybody and `own` for audiences.
pub(crate) fn with_feed(app: &str, version: &str) -> String {
    let manifest = manifest(app, version).replace("owner =", "cookies = [\"who\"]\nowner =");
    format!(
        "{manifest}\n[events]\npublishes = [\"{app}:count\", \"{app}:own\", \"{app}:local\"]\nfeed = \"/events\"\n\
         audiences = \"/audiences\"\n[events.topics]\n\"{app}:count\" = {{ server = true }}\n\
         \"{app}:own\" = {{ server = true, restricted = true }}\n"
    )
}

/// A tab that listens.
pub(crate) struct Tab {
    client: Client,
    text: String,
    /// The id that it would come back with.
    pub(crate) last: String,
}

impl Tab {
    pub(crate) async fn open(public: SocketAddr, query: &str, headers: &str) -> Self {
        let mut client = Client::connect(public).await;
        let head = format!("GET /_m/events?{query} HTTP/1.0\r\nhost: localhost\r\n{headers}\r\n");
        client.send(&head).await;
        let head = client.head().await;
        assert_eq!(head.status, 200, "{head:?}");
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        Self {
            text: client.rest(),
            client,
            last: String::new(),
        }
    }

    /// The next event, its name and data, or `None` at the end of the stream.
    pub(crate) async fn any(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = block.lines().filter_map(|line| line.split_once(": "));
                    lines
                        .find(|(field, _)| *field == name)
                        .map(|(_, value)| value.to_owned())
                };
                let (id, event, data) = (field("id"), field("event"), field("data"));
                self.text = rest.to_owned();
                self.last = id.unwrap_or(std::mem::take(&mut self.last));
                if let (Some(event), Some(data)) = (event, data) {
                    return Some((event, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let mut bytes = [0; 16 << 10];
            let read = timeout(PATIENCE, self.client.stream.read(&mut bytes)).await;
            let read = read.expect("something should have come").unwrap_or(0);
            if read == 0 {
                return None;
            }
            self.text += str::from_utf8(&bytes[..read]).unwrap();
        }
    }

    /// The next event that isn't about the stream itself.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            let (event, data) = self.any().await.expect("the stream goes on");
            if event != "marquetry:at" && event != "marquetry:released" {
                return (event, data);
            }
        }
    }

    /// The data of the next `event`.
    pub(crate) async fn until(&mut self, event: &str) -> Value {
        loop {
            let (found, data) = self.any().await.expect("the stream goes on");
            if found == event {
                return data;
            }
        }
    }

    /// Waits until it has a place in the log of `app`.
    pub(crate) async fn until_placed(&mut self, app: &str) {
        while !self.last.contains(&format!("{app}.")) {
            self.any().await.expect("the stream goes on");
        }
    }

    /// True when nothing comes for a while.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(300), self.next()).await.is_err()
    }
}
