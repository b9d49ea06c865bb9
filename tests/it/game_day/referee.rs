//! Whether the composer is as it was: alive, quiet, with all it had and no more.

use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use tests::{
    client::get,
    fault::{Arena, FaultServer, stage::open_host},
    html::Page,
    wait::until,
};

use super::{
    chaos::{KEYS, ROLES, good},
    record::Record,
};

/// Everything is well again so soon after the last fault.
const WELL: Duration = Duration::from_secs(40);
/// All connections have ended by then.
const QUIET: Duration = Duration::from_secs(30);
/// What the game may leave in memory: an allocator's slack and kept answers.
const LEFT_MB: u64 = 64;
/// And of descriptors: connections of those who operate it, which they keep and open anew as they like; a check of an
/// instance may be under way. All connections to BFFs have been closed by then, before the game as well as after.
const LEFT_DESCRIPTORS: usize = 4;

/// What a composer holds.
#[derive(Debug, Clone)]
pub(super) struct Holdings {
    resident: u64,
    peak: u64,
    files: Vec<String>,
}

pub(super) fn holdings(arena: &Arena) -> Result<Holdings> {
    let process = &arena.platform.composer.process;
    let memory = process.memory()?;
    Ok(Holdings {
        resident: memory.resident,
        peak: memory.peak,
        files: process.files()?,
    })
}

/// All BFFs are good: soon all pages are, and no connection is left.
pub(super) async fn calm(arena: &Arena, record: &Record) -> Result<()> {
    record.note("all is good".to_owned());
    open_host(&arena.host);
    arena.host.back().await?;
    let mut rng = Rng::with_seed(0);
    for bff in &arena.faulty {
        bff.back().await?;
        for role in &ROLES[..3] {
            for key in (0..KEYS).map(|key| format!("k{key}")) {
                let answer = good(&key, &mut rng).cached("");
                bff.answers(&role.target(&key), &answer);
            }
        }
    }
    for app in ["host", "faulty"] {
        arena
            .admin
            .act(http::Method::POST, "/v1/purge", &serde_json::json!({ "app": app }))
            .await?;
    }
    let address = arena.platform.composer.address();
    for role in ROLES {
        for key in (0..KEYS).map(|key| format!("k{key}")) {
            let path = role.path(&key);
            let well = async || {
                let reply = get(address, &path).send().await?;
                let page = Page::parse(&reply.text());
                let shown = reply.status == 200 && page.all(".last")?.len() == 1;
                Ok((shown && !reply.text().contains("data-state=\"fallback\"")).then_some(()))
            };
            until(WELL, &format!("{path} is well again"), well).await?;
        }
    }
    let quiet = async || {
        let numbers = get(arena.platform.composer.admin(), "/metrics").send().await?.text();
        let busy = numbers.lines().find(|line| is_busy(line));
        Ok(busy.is_none().then_some(()))
    };
    let went_quiet = until(QUIET, "no connection and no fetch is left", quiet).await;
    if went_quiet.is_err() {
        let numbers = get(arena.platform.composer.admin(), "/metrics").send().await?.text();
        let busy: Vec<_> = numbers.lines().filter(|line| is_busy(line)).collect();
        went_quiet.map_err(|error| error.context(busy.join("\n")))?;
    }
    Ok(())
}

/// No connection to a BFF is left: idle ones are closed by the composer when their time is over.
pub(super) async fn idle(arena: &Arena) -> Result<()> {
    until(QUIET, "connections to BFFs are closed", async || {
        let open = arena.host.open() + arena.faulty.iter().map(FaultServer::open).sum::<usize>();
        Ok((open == 0).then_some(()))
    })
    .await
}

/// Numbers of what visitors and pages hold, that should be 0; operators and instances keep their connections.
fn is_busy(line: &str) -> bool {
    let watched = [
        "composer_connections_open",
        "composer_fetch_bulkhead_in_flight",
        "composer_fetch_bulkhead_waiting",
    ];
    let Some((name, value)) = line.rsplit_once(' ') else {
        return false;
    };
    watched.iter().any(|watched| name.starts_with(watched)) && !name.contains("\"admin\"") && value != "0"
}

pub(super) async fn judge(arena: &Arena, record: &Record, before: Holdings) -> Result<()> {
    let log = arena.log()?;
    let panic = log.lines().find(|line| line.contains("panicked"));
    ensure!(panic.is_none(), "the composer panicked: {panic:?}");
    let after = until(QUIET, "descriptors and memory are back", async || {
        let after = holdings(arena)?;
        let back = after.files.len() <= before.files.len() + LEFT_DESCRIPTORS
            && after.resident <= before.resident + (LEFT_MB << 20);
        Ok(back.then_some(after))
    })
    .await;
    let now = holdings(arena)?;
    record.figure(format!(
        "memory: {} MB before, {} MB after, {} MB at the peak; descriptors: {} before, {} after; {} log lines",
        before.resident >> 20,
        now.resident >> 20,
        now.peak >> 20,
        before.files.len(),
        now.files.len(),
        log.lines().count()
    ));
    let new = now.files.iter().filter(|file| !before.files.contains(file));
    let new: Vec<_> = new.map(String::as_str).collect();
    record.figure(format!("new descriptors: {}", new.join(", ")));
    after?;
    ensure!(record.counted("pages (200)") > 0, "no page was shown");
    Ok(())
}
