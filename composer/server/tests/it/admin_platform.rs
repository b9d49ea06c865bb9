//! A composer with a ledger, its admin API, and a BFF that answers what a test says.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use composer_server::{Running, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Client, PATIENCE, Reply, config};

pub(crate) struct Platform {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
    /// The platform's own token.
    pub(crate) token: String,
}

/// What the admin API said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reply: Reply,
    pub(crate) json: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.json);
        self.json
    }

    /// The detail of a problem that must have this status.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> String {
        let kind = self.reply.header("content-type").map(str::to_owned);
        let json = self.expect(status);
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
        assert_eq!(json["status"], status);
        json["detail"].as_str().unwrap().to_owned()
    }
}

impl Platform {
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// Starts it with more keys.
    pub(crate) async fn with(keys: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("static")).unwrap();
        let keys = format!("data_dir = \"data\"\n{keys}");
        let running = start(config(folder.path(), &keys)).await.unwrap();
        let token = std::fs::read_to_string(folder.path().join("data/platform.token")).unwrap();
        let token = token.trim().to_owned();
        Self { running, folder, token }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(&self.token, "GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(&self.token, "POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(&self.token, "PUT", path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(&self.token, "DELETE", path, None).await
    }

    /// One call in the name of `token`.
    pub(crate) async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = if body.is_empty() {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{kind}");
        self.send(&head, body.as_bytes()).await
    }

    /// One request: a head without its last lines, and a body.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut client = Client::connect(self.running.admin).await;
        client
            .send(&format!("{head}content-length: {}\r\n\r\n", body.len()))
            .await;
        // A refusal may come before all of the body is sent.
        let _ = client.stream.write_all(body).await;
        let bodiless = head.starts_with("HEAD");
        let reply = if bodiless {
            client.head().await
        } else {
            client.reply().await
        };
        let json = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
        Answer {
            status: reply.status,
            reply,
            json,
        }
    }

    /// Makes a team that owns `apps`.
    pub(crate) async fn team(&self, team: &str, apps: &[&str]) {
        self.put(&format!("/v1/teams/{team}"), json!({ "apps": apps }))
            .await
            .expect(200);
    }

    /// A token of `team` for `actions`.
    pub(crate) async fn token(&self, team: &str, actions: &[&str]) -> String {
        let body = json!({ "name": format!("{team}'s"), "team": team, "actions": actions });
        let issued = self.post("/v1/tokens", body).await.expect(201);
        issued["secret"].as_str().unwrap().to_owned()
    }

    /// Packs the app of `manifest` with the layouts that it names, and publishes it.
    pub(crate) async fn publish(&self, manifest: &str) -> Value {
        let folder = pack(manifest);
        let (version, body, files) = version_folder(&folder.path().join("out"));
        let path = format!("/v1/apps/{}", version.replace('@', "/versions/"));
        let reply = self.put(&path, body.clone()).await.expect(200);
        for missing in reply["missing"].as_array().unwrap() {
            let sha256 = missing.as_str().unwrap();
            self.blob(sha256, &files[sha256]).await.expect(204);
        }
        let reply = self.put(&path, body).await.expect(200);
        assert_eq!(reply["published"], true, "{reply:#}");
        reply
    }

    pub(crate) async fn blob(&self, sha256: &str, bytes: &[u8]) -> Answer {
        let token = &self.token;
        let head = format!(
            "PUT /v1/blobs/{sha256} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/octet-stream\r\n"
        );
        self.send(&head, bytes).await
    }

    /// Announces an instance in the platform's name.
    pub(crate) async fn announce(&self, version: &str, origin: &str) -> String {
        let body = json!({ "version": version, "origin": origin });
        let lease = self.post("/v1/instances", body).await.expect(200);
        lease["id"].as_str().unwrap().to_owned()
    }

    /// Releases versions for everybody.
    pub(crate) async fn release(&self, versions: &[&str]) -> Value {
        self.post("/v1/releases", json!({ "apps": versions })).await.expect(200)
    }

    /// Waits until `path` answers as `is` wants it.
    pub(crate) async fn until(&self, path: &str, is: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let found = self.get(path).await.expect(200);
            if is(&found) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{found:#}");
        }
    }
}

/// The version folder of a manifest.
pub(crate) fn pack(manifest: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(source.join("marquetry.toml"), manifest).unwrap();
    let layout = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>T</title>\n</head>\n\
                  <body>\n<main><fragment-slot src=\"page\"></fragment-slot></main>\n</body>\n</html>\n";
    std::fs::write(source.join("plain.html"), layout).unwrap();
    std::fs::write(source.join("count.json"), "{\"type\":\"integer\"}").unwrap();
    composer_registry::pack_app(&source, None, &folder.path().join("out")).unwrap();
    folder
}

/// What a version is called, what its `PUT` says, and its files by hash.
pub(crate) fn version_folder(out: &Path) -> (String, Value, HashMap<String, Vec<u8>>) {
    let mut files = HashMap::new();
    let mut listed = Vec::new();
    let mut folders = vec![out.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let sha256: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let name = path.strip_prefix(out).unwrap().to_str().unwrap();
            listed.push(json!({ "path": name, "sha256": sha256, "bytes": bytes.len() }));
            files.insert(sha256, bytes);
        }
    }
    let manifest = std::fs::read_to_string(out.join("marquetry.toml")).unwrap();
    let value = |key: &str| {
        let line = manifest
            .lines()
            .find(|line| line.trim_start().starts_with(key))
            .unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    (
        format!("{}@{}", value("name"), value("version")),
        json!({ "files": listed }),
        files,
    )
}

/// A manifest with a page at `/<app>` and its layout.
pub(crate) fn manifest(app: &str, version: &str) -> String {
    format!(
        r#"
[app]
name = "{app}"
version = "{version}"
owner = "Team {app}"

[[pages]]
path = "/{app}"
fragment = "main"
layout = "{app}/plain"

[[fragments]]
name = "main"
includes = ["{app}/part"]

[[fragments]]
name = "part"
role = "optional"
deadline_ms = 300

[[layouts]]
name = "plain"
template = "plain.html"
"#
    )
}

/// A BFF: HTML at every path, unless a test says otherwise.
pub(crate) struct Bff {
    pub(crate) address: SocketAddr,
    answers: Arc<Mutex<HashMap<String, String>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Bff {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bff = Self {
            address: listener.local_addr().unwrap(),
            answers: Arc::default(),
            requests: Arc::default(),
        };
        let (answers, requests) = (Arc::clone(&bff.answers), Arc::clone(&bff.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&requests)));
            }
        });
        bff
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Status and header lines for `path`, and a body; an empty head is no answer at all.
    pub(crate) fn answer(&self, path: &str, head: &str, body: &str) {
        let length = body.len();
        let text = match head {
            "" => String::new(),
            head => format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}"),
        };
        self.answers.lock().unwrap().insert(path.into(), text);
    }

    /// How often `path` was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Mutex<HashMap<String, String>>>, requests: Arc<Mutex<Vec<String>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
        let known = answers.lock().unwrap().get(&path).cloned();
        requests.lock().unwrap().push(path);
        let usual = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<p>hi</p>";
        let answer = known.unwrap_or_else(|| usual.into());
        if answer.is_empty() {
            // Nothing comes; the other side loses patience.
            let _ = stream.read_u8().await;
            return;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
