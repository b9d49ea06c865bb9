//! A composer of the program's own, as the commands meet it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use contract::admin::{InstanceState, Status};
use expect_test::Expect;
use tempfile::TempDir;

use crate::support::{Run, app, command};

/// A composer and the BFFs of its apps; a folder for the sources and the data.
pub(super) struct Composer {
    pub(super) folder: TempDir,
    serving: Child,
    pub(super) public: String,
    pub(super) admin: String,
    runtime: tokio::runtime::Runtime,
}

impl Composer {
    pub(super) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("composer.toml"), "data_dir = \"data\"\n").unwrap();
        for version in ["1.0.0", "1.1.0"] {
            source(folder.path(), version);
        }
        let mut serving = Command::new(env!("CARGO_BIN_EXE_marquetry"))
            .args(["serve", "--ready-json"])
            .env("MARQUETRY_LISTEN", "127.0.0.1:0")
            .env("MARQUETRY_ADMIN_LISTEN", "127.0.0.1:0")
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = serving.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = |name: &str| format!("http://{}", ready[name].as_str().unwrap());
        Self {
            public: url("listening"),
            admin: url("admin"),
            folder,
            serving,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// A BFF that answers everything with its version.
    pub(super) fn bff(&self, version: &'static str) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let reply = move || async move {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (kind, format!("<p>shop {version}</p>")).into_response()
        };
        let router = Router::new().fallback(get(reply));
        self.runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        address
    }

    /// As whoever holds the token in `token`.
    pub(super) fn run_as(&self, token: &str, arguments: &[&str]) -> Run {
        let mut command = command(self.folder.path(), arguments);
        command
            .env("MARQUETRY_ADMIN", &self.admin)
            .env("MARQUETRY_TOKEN_FILE", token);
        command.output().unwrap().into()
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        self.run_as("ci.token", arguments)
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, arguments: &[&str]) -> T {
        let text = self.run(&[arguments, &["--json"]].concat()).good();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The platform claims the app, and issues the token of the pipeline.
    pub(super) fn with_team(self) -> Self {
        self.run_as(PLATFORM, &["team", "set", "shop-team", "--apps", "shop"])
            .good();
        let issue = [
            "token",
            "issue",
            "--name",
            "ci",
            "--team",
            "shop-team",
            "--actions",
            "read,publish,release",
        ];
        self.run_as(PLATFORM, &[&issue[..], &["--out", "ci.token"]].concat())
            .good();
        self
    }

    /// With `shop@1.0.0` live.
    pub(super) fn with_shop(self) -> Self {
        let composer = self.with_team();
        composer.run(&["publish", "1.0.0", "--assets", "build"]).good();
        let origin = format!("shop=http://{}", composer.bff("1.0.0"));
        composer
            .run(&["release", "shop@1.0.0", "--origin", &origin, "--reason", "first"])
            .good();
        composer
    }

    /// With a second version for some of the users.
    pub(super) fn with_canary(self, terms: &[&str]) -> Self {
        let composer = self.with_shop();
        composer.run(&["publish", "1.1.0", "--assets", "build"]).good();
        let origin = format!("shop=http://{}", composer.bff("1.1.0"));
        composer
            .run(&[&["release", "shop@1.1.0", "--origin", &origin], terms].concat())
            .good();
        composer
    }

    /// What people read of a run that goes well.
    #[track_caller]
    pub(super) fn says(&self, arguments: &[&str], expected: Expect) {
        check(&self.run(arguments).good(), expected);
    }

    /// Waits until every instance has been asked for its health.
    pub(super) fn when_healthy(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            let status: Status = self.json(&["status"]);
            let mut instances = status
                .apps
                .iter()
                .flat_map(|app| &app.versions)
                .flat_map(|each| &each.instances);
            if instances.all(|each| each.state == InstanceState::Healthy) {
                return;
            }
        }
        panic!("an instance stays unhealthy");
    }

    pub(super) fn stable(&self) -> Option<String> {
        let status: Status = self.json(&["status"]);
        status.apps[0].stable.as_ref().map(ToString::to_string)
    }
}

impl Drop for Composer {
    fn drop(&mut self) {
        self.serving.kill().unwrap();
        self.serving.wait().unwrap();
    }
}

pub(super) const PLATFORM: &str = "data/platform.token";

fn source(folder: &Path, version: &str) {
    app(folder, "shop", version, "/");
    std::fs::rename(folder.join("shop"), folder.join(version)).unwrap();
    std::fs::create_dir_all(folder.join("build")).unwrap();
    std::fs::write(folder.join("build/shop.css"), "a { color: red }\n".repeat(100)).unwrap();
}

/// Compares what people read, word by word, whatever the clock, the ports and the ids of tokens are.
pub(super) fn check(text: &str, expected: Expect) {
    let lines = text
        .lines()
        .map(|line| masked(line.split_whitespace().collect()) + "\n");
    expected.assert_eq(&lines.collect::<String>());
}

fn masked(words: Vec<&str>) -> String {
    let mut told = vec![];
    let mut rest = words.as_slice();
    while let [word, more @ ..] = rest {
        let number = word.bytes().all(|b| b.is_ascii_digit());
        let (mask, after) = match more {
            ["s", "ago", after @ ..] if number => ("AGO".into(), after),
            ["now", after @ ..] if *word == "just" => ("AGO".into(), after),
            ["min", after @ ..] if number => ("SOME min".into(), after),
            _ if word.contains("http://127.0.0.1:") => ("ORIGIN".into(), more),
            _ if is_token_id(word) => (format!("ID{}", &word[8..]), more),
            _ => ((*word).to_owned(), more),
        };
        told.push(mask);
        rest = after;
    }
    told.join(" ")
}

fn is_token_id(word: &str) -> bool {
    let hex = |id: &str| id.bytes().all(|b| b.is_ascii_hexdigit());
    word.get(..8).is_some_and(hex) && word[8..].trim_end_matches([')', ':']).is_empty()
}

/// A composer without a ledger, and the address of its listener that `name` says.
pub(super) fn serving(folder: &Path, config: &str, name: &str) -> (Child, String) {
    std::fs::write(folder.join("composer.toml"), config).unwrap();
    let mut serving = Command::new(env!("CARGO_BIN_EXE_marquetry"))
        .args(["serve", "--ready-json"])
        .env("MARQUETRY_LISTEN", "127.0.0.1:0")
        .env("MARQUETRY_ADMIN_LISTEN", "127.0.0.1:0")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    (serving, ready[name].as_str().unwrap().to_owned())
}

pub(super) fn stop(mut serving: Child) {
    serving.kill().unwrap();
    serving.wait().unwrap();
}
