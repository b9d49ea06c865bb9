//! Whether the composer is as it was: alive, quiet, with all it had and no more.

use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use tests::{
    client::get,
    fault::{Arena, stage::open_host},
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
/// What the game may leave: an allocator's slack, kept answers, and idle connections to three BFFs.
const LEFT_MB: u64 = 64;
const LEFT_DESCRIPTORS: usize = 100;

/// What a composer holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holdings {
    resident: u64,
    peak: u64,
    descriptors: usize,
}

pub(super) fn holdings(arena: &Arena) -> Result<Holdings> {
    let process = &arena.platform.composer.process;
    let memory = process.memory()?;
    Ok(Holdings {
        resident: memory.resident,
        peak: memory.peak,
        descriptors: process.descriptors()?,
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
        let back = after.descriptors <= before.descriptors + LEFT_DESCRIPTORS
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
        before.descriptors,
        now.descriptors,
        log.lines().count()
    ));
    after?;
    ensure!(record.counted("pages (200)") > 0, "no page was shown");
    Ok(())
}
