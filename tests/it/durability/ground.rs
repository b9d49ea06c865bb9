//! What is acted upon, what was acknowledged, and what has to be there of it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{
    composer::Config,
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed, stamps},
    wait::{PATIENCE, until},
};

/// One app with two versions that are published and have an instance, and more that are packed only.
pub(super) struct Ground {
    pub(super) platform: Platform,
    packed: TempDir,
    pub(super) bffs: Vec<(Stamped, Announced)>,
}

/// What was acknowledged.
#[derive(Debug, Clone)]
pub(super) enum Acked {
    /// The ledger's entry of that revision has that reason.
    Released {
        revision: u64,
        reason: String,
    },
    Published {
        number: String,
    },
}

pub(super) const VERSIONS: usize = 24;

pub(super) const LEDGER: [&str; 5] = [
    "ledger.db",
    "ledger.db-wal",
    "ledger.db-shm",
    "journal.jsonl",
    "instances.json",
];

impl Ground {
    pub(super) async fn start() -> Result<Self> {
        // The admin address has to be the same after each start: instances announce themselves there.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = Config::default()
            .line("log = \"warn\"")
            .admin(&format!("127.0.0.1:{port}"));
        let platform = Platform::with(config).await?;
        let admin = platform.admin()?;
        admin.team("shop", &["shop"]).await?;
        let folder = tempfile::tempdir()?;
        for at in 0..VERSIONS {
            let version = format!("shop@1.0.{at}");
            packed(&version, "/", &["shop/part"], &folder.path().join(at.to_string())).await?;
        }
        let mut bffs = Vec::new();
        for at in 0..2 {
            let version = format!("shop@1.0.{at}");
            admin.publish(&version, &folder.path().join(at.to_string())).await?;
            let bff = Stamped::start(&version, &["shop/part"]).await?;
            let announced = admin.announce(&version, bff.origin()).await?;
            bffs.push((bff, announced));
        }
        admin.release(&["shop@1.0.0"]).await?;
        let known = platform.data().join("instances.json");
        until(PATIENCE, "a restart would know both instances", async || {
            let text = std::fs::read_to_string(&known).unwrap_or_default();
            Ok((text.contains("shop@1.0.0") && text.contains("shop@1.0.1")).then_some(()))
        })
        .await?;
        Ok(Self {
            platform,
            packed: folder,
            bffs,
        })
    }

    pub(super) fn folder(&self, at: usize) -> std::path::PathBuf {
        self.packed.path().join(at.to_string())
    }
}

/// Which of the two versions that have instances is not live.
pub(super) async fn other(admin: &Admin) -> Result<(String, Value)> {
    let status = admin.get("/v1/status").await?;
    let live = status["apps"][0]["stable"].as_str().context("nothing is live")?;
    let other = if live == "1.0.0" { "shop@1.0.1" } else { "shop@1.0.0" };
    Ok((other.to_owned(), status["revision"].clone()))
}

/// Releases the other of the two versions, or publishes one more; every act has a text of its own.
pub(super) async fn act(admin: &Admin, at: usize, folder: &Path, next: usize) -> Result<Acked> {
    let text = format!("act {at}");
    if at % 7 == 3 && next < VERSIONS {
        let number = format!("1.0.{next}");
        admin.publish(&format!("shop@{number}"), folder).await?;
        return Ok(Acked::Published { number });
    }
    let body = json!({ "apps": [other(admin).await?.0], "reason": text });
    let reply = admin.act(Method::POST, "/v1/releases", &body).await?;
    let revision = reply["revision"].as_u64().context("no revision")?;
    Ok(Acked::Released { revision, reason: text })
}

pub(super) async fn history(admin: &Admin) -> Result<Vec<Value>> {
    let mut entries = Vec::new();
    let mut path = "/v1/history?limit=200".to_owned();
    loop {
        let page = admin.get(&path).await?;
        entries.extend(page["entries"].as_array().context("no entries")?.iter().cloned());
        let Some(before) = page["before"].as_u64() else { break };
        path = format!("/v1/history?limit=200&before={before}");
    }
    entries.reverse();
    Ok(entries)
}

/// The history is without gaps, holds all that was acknowledged, and what is live is what it says last.
pub(super) async fn check(platform: &Platform, acked: &[Acked]) -> Result<usize> {
    let admin = platform.admin()?;
    let entries = history(&admin).await?;
    for (at, entry) in entries.iter().enumerate() {
        ensure!(entry["revision"] == at + 1, "a gap at {at}: {entry}");
    }
    let last = entries
        .iter()
        .rfind(|entry| entry["act"] == "released")
        .context("nothing is released")?;
    let status = admin.get("/v1/status").await?;
    let stable = status["apps"][0]["stable"].as_str().context("nothing is live")?;
    ensure!(
        last["text"]
            .as_str()
            .is_some_and(|text| text.contains(&format!("shop@{stable}"))),
        "{stable} is live, and the last release was {last}"
    );
    let versions = status["apps"][0]["versions"].as_array().context("no versions")?;
    let published: Vec<_> = versions
        .iter()
        .filter(|version| version["published_at_ms"].is_u64())
        .collect();
    let told = entries
        .iter()
        .filter(|entry| entry["act"] == "version-published")
        .count();
    ensure!(
        published.len() == told,
        "{told} versions were published, {} are there",
        published.len()
    );
    for act in acked {
        let kept = match act {
            Acked::Released { revision, reason } => {
                let entry = entries.get(usize::try_from(*revision)? - 1);
                entry.is_some_and(|entry| entry["reason"] == *reason)
            }
            Acked::Published { number } => published.iter().any(|version| version["version"] == *number),
        };
        ensure!(kept, "{act:?} is lost");
    }
    Ok(entries.len())
}

pub(super) async fn page_is_whole(platform: &Platform) -> Result<()> {
    until(PATIENCE, "the page is served", async || {
        let reply = platform.composer.get("/").send().await?;
        let stamps = stamps(&reply.text());
        Ok((reply.status == 200 && stamps.len() == 2 && stamps[0] == stamps[1]).then_some(()))
    })
    .await
}
