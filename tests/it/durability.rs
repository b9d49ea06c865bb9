//! What is acknowledged stays: through kill -9 at any moment, at any system call, and through disks that fail.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{
    client,
    composer::Config,
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed, stamps},
    wait::{PATIENCE, until, within},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// One app with two versions that are published and have an instance, and more that are packed only.
struct Ground {
    platform: Platform,
    packed: TempDir,
    bffs: Vec<(Stamped, Announced)>,
}

/// What was acknowledged.
#[derive(Debug, Clone)]
enum Acked {
    /// The ledger's entry of that revision has that reason.
    Released {
        revision: u64,
        reason: String,
    },
    Published {
        number: String,
    },
}

const VERSIONS: usize = 24;
const LEDGER: [&str; 5] = [
    "ledger.db",
    "ledger.db-wal",
    "ledger.db-shm",
    "journal.jsonl",
    "instances.json",
];

impl Ground {
    async fn start() -> Result<Self> {
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

    fn folder(&self, at: usize) -> std::path::PathBuf {
        self.packed.path().join(at.to_string())
    }
}

/// Which of the two versions that have instances is not live.
async fn other(admin: &Admin) -> Result<(String, Value)> {
    let status = admin.get("/v1/status").await?;
    let live = status["apps"][0]["stable"].as_str().context("nothing is live")?;
    let other = if live == "1.0.0" { "shop@1.0.1" } else { "shop@1.0.0" };
    Ok((other.to_owned(), status["revision"].clone()))
}

/// Releases the other of the two versions, or publishes one more; every act has a text of its own.
async fn act(admin: &Admin, at: usize, folder: &Path, next: usize) -> Result<Acked> {
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

async fn history(admin: &Admin) -> Result<Vec<Value>> {
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
async fn check(platform: &Platform, acked: &[Acked]) -> Result<usize> {
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

async fn page_is_whole(platform: &Platform) -> Result<()> {
    until(PATIENCE, "the page is served", async || {
        let reply = platform.composer.get("/").send().await?;
        let stamps = stamps(&reply.text());
        Ok((reply.status == 200 && stamps.len() == 2 && stamps[0] == stamps[1]).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_act_is_lost_by_kill_9_at_random_moments() -> Result<()> {
    let mut ground = Ground::start().await?;
    let (mut acked, mut next, mut at, mut slowest, mut kills) = (Vec::new(), 2, 0, Duration::ZERO, 0);
    while at < 500 {
        let admin = ground.platform.admin()?;
        let many = fastrand::usize(1..25);
        let folder = ground.folder(next.min(VERSIONS - 1));
        let acts = async {
            for _ in 0..many {
                let done = act(&admin, at, &folder, next).await;
                if at % 7 == 3 {
                    next += 1;
                }
                at += 1;
                acked.push(done?);
                if at % 7 == 3 {
                    break;
                }
            }
            anyhow::Ok(())
        };
        // Within an act as well as between two.
        let moment = Duration::from_micros(fastrand::u64(0..60_000));
        let _ = tokio::time::timeout(moment, acts).await;
        at += 1;
        ground.platform.composer.process.kill().await?;
        kills += 1;
        let began = Instant::now();
        ground.platform.again().await?;
        slowest = slowest.max(began.elapsed());
        check(&ground.platform, &acked).await?;
    }
    page_is_whole(&ground.platform).await?;
    println!(
        "{} of {at} acts acknowledged, {kills} kills, the slowest start took {slowest:?}",
        acked.len()
    );
    ensure!(slowest < Duration::from_millis(500), "a start took {slowest:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_act_is_lost_by_death_at_any_system_call_that_writes() -> Result<()> {
    let mut ground = Ground::start().await?;
    let (mut acked, mut next, mut at, mut deaths) = (Vec::new(), 2, 0, 0);
    // strace counts each thread's calls by itself, and an act is done by one: three rounds, from start to some acts in.
    let calls = [
        ("fsync,fdatasync", 4),
        ("write,pwrite64,writev", 10),
        ("rename,renameat,renameat2", 2),
        ("ftruncate,unlink,unlinkat", 2),
    ];
    for (calls, most) in calls.into_iter().cycle().take(3 * calls.len()) {
        for when in 1..=most {
            end(&mut ground.platform).await?;
            let data = ground.platform.data();
            let words = strace(&data, calls, when);
            // It may die before it is ready: then the next start says what is left.
            if ground.platform.again_under(&words).await.is_ok() {
                let admin = ground.platform.admin()?;
                let folder = ground.folder(next.min(VERSIONS - 1));
                for _ in 0..6 {
                    let published = at % 7 == 3;
                    let done = act(&admin, at, &folder, next).await;
                    at += 1;
                    if published && done.is_ok() {
                        next += 1;
                    }
                    match done {
                        Ok(done) => acked.push(done),
                        Err(_) => break,
                    }
                }
            }
            let died = !ground.platform.composer.process.runs()?;
            deaths += usize::from(died);
            end(&mut ground.platform).await?;
            ground.platform.again().await?;
            check(&ground.platform, &acked)
                .await
                .with_context(|| format!("{calls} {when}"))?;
        }
    }
    page_is_whole(&ground.platform).await?;
    println!("{} of {at} acts acknowledged, {deaths} deaths", acked.len());
    ensure!(deaths > 15, "only {deaths} deaths: the calls weren't met");
    Ok(())
}

/// Ends what is left of a composer: strace goes when its child has gone.
async fn end(platform: &mut Platform) -> Result<()> {
    let process = &mut platform.composer.process;
    if process.runs()? {
        let id = process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args(["-9", child]).status().await?;
        }
        if children.is_empty() {
            process.kill().await?;
        } else {
            process.ended(PATIENCE).await?;
        }
    }
    Ok(())
}

/// Kills the process at its `when`th such call; of writes, those to its ledger count.
fn strace(data: &Path, calls: &str, when: usize) -> Vec<String> {
    let mut words: Vec<String> = ["strace", "-f", "-qq", "-o", "/dev/null"].map(str::to_owned).into();
    if calls.contains("write") {
        for name in LEDGER {
            words.extend(["-P".into(), data.join(name).display().to_string()]);
        }
    }
    words.extend(["-e".into(), format!("inject={calls}:signal=KILL:when={when}")]);
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_store_is_told_and_healed_and_pages_are_served_all_the_while() -> Result<()> {
    let mut ground = Ground::start().await?;
    let mut acked = Vec::new();
    for round in 0..40 {
        let admin = ground.platform.admin()?;
        acked.push(act(&admin, 2 * round, Path::new(""), VERSIONS).await?);
        ground.platform.composer.process.kill().await?;
        damage(&ground.platform.data().join("ledger.db"), round)?;
        let _ = std::fs::remove_file(ground.platform.data().join("ledger.db-wal"));
        ground.platform.again().await?;
        let admin = ground.platform.admin()?;
        let entries = history(&admin).await?;
        for act in &acked {
            let Acked::Released { reason, .. } = act else { continue };
            let kept = entries.iter().any(|entry| entry["reason"] == *reason);
            ensure!(kept, "round {round}: {act:?} is lost");
        }
        page_is_whole(&ground.platform).await?;
    }
    let damaged = std::fs::read_dir(ground.platform.data().join("damaged"))?.count();
    ensure!(damaged > 0, "no evidence was kept");
    Ok(())
}

/// Cuts the file, or flips bytes in it, or makes it something else.
fn damage(file: &Path, round: usize) -> Result<()> {
    let mut bytes = std::fs::read(file)?;
    let length = bytes.len();
    match round % 3 {
        0 => bytes.truncate(length * (round + 1) / 41),
        1 => {
            for _ in 0..64 {
                let at = fastrand::usize(..length.max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 0x55;
                }
            }
        }
        _ => bytes
            .splice(..length.min(200), std::iter::repeat_n(0, 100))
            .for_each(drop),
    }
    Ok(std::fs::write(file, bytes)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_fail_plainly_while_the_ledger_cannot_be_written_and_work_again_after() -> Result<()> {
    let ground = Ground::start().await?;
    let admin = ground.platform.admin()?;
    for error in ["ENOSPC", "EROFS", "EIO"] {
        fails_and_heals(&ground, &admin, error).await.context(error)?;
    }
    Ok(())
}

async fn fails_and_heals(ground: &Ground, admin: &Admin, error: &str) -> Result<()> {
    let before = history(admin).await?.len();
    let faults = Faults::inject(ground.platform.composer.process.id(), &ground.platform.data(), error).await?;
    let body = json!({ "apps": [other(admin).await?.0], "reason": error });
    let (status, problem) = admin.call(Method::POST, "/v1/releases", Some(&body)).await?;
    ensure!(status == StatusCode::SERVICE_UNAVAILABLE, "{status}: {problem}");
    let detail = problem["detail"].as_str().unwrap_or_default().to_owned();
    println!("{detail}");
    ensure!(!detail.is_empty(), "{problem}");
    let page = ground.platform.composer.get("/").send().await?;
    ensure!(page.status == 200 && stamps(&page.text()).len() == 2, "{}", page.text());
    let health = client::get(ground.platform.composer.admin(), "/healthz").send().await?;
    ensure!(health.status == 200, "{}", health.status);
    faults.end().await?;
    until(PATIENCE, "acts are taken again", async || {
        let (status, _) = admin.call(Method::POST, "/v1/releases", Some(&body)).await?;
        Ok(status.is_success().then_some(()))
    })
    .await?;
    let entries = history(admin).await?;
    let added = entries.len() - before;
    ensure!(added == 1, "{added} entries were added by one act");
    page_is_whole(&ground.platform).await
}

/// Every write to the ledger's folder fails, by strace.
struct Faults(Child);

impl Faults {
    async fn inject(process: u32, data: &Path, error: &str) -> Result<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-p", &process.to_string(), "-o", "/dev/null"]);
        for name in LEDGER {
            strace.arg("-P").arg(data.join(name));
        }
        strace.args([
            "-e",
            &format!("inject=write,pwrite64,writev,fsync,fdatasync,ftruncate:error={error}"),
        ]);
        let mut child = strace.stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("strace says nothing")?).lines();
        let said = within(PATIENCE, "strace attaches", lines.next_line())
            .await??
            .unwrap_or_default();
        ensure!(said.contains("attached"), "strace: {said}");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self(child))
    }

    async fn end(mut self) -> Result<()> {
        let id = self.0.id().context("strace has ended")?.to_string();
        Command::new("kill").args(["-s", "INT", &id]).status().await?;
        within(PATIENCE, "strace lets go", self.0.wait()).await??;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_deployers_at_once_lose_no_update() -> Result<()> {
    let ground = Ground::start().await?;
    let admin = ground.platform.admin()?;
    let mut kept = Vec::new();
    for at in 2..VERSIONS {
        let version = format!("shop@1.0.{at}");
        admin.publish(&version, &ground.folder(at)).await?;
        let origin = ground.bffs[0].0.origin();
        kept.push(admin.announce(&version, origin).await?);
    }
    let deployers = (0..50).map(|deployer| {
        let admin = admin.clone();
        tokio::spawn(async move { deploy(&admin, deployer).await })
    });
    let mut counts = [0; 3];
    for deployer in deployers.collect::<Vec<_>>() {
        for (sum, count) in counts.iter_mut().zip(deployer.await??) {
            *sum += count;
        }
    }
    let [won, same, lost] = counts;
    println!("{won} acts done, {same} had been done by another, {lost} told to look again");
    let entries = history(&admin).await?;
    let done = entries.iter().filter(|entry| {
        let reason = entry["reason"].as_str().unwrap_or_default();
        reason.starts_with("deployer ")
    });
    let mut reasons: Vec<_> = done.map(|entry| entry["reason"].to_string()).collect();
    let all = reasons.len();
    reasons.sort();
    reasons.dedup();
    ensure!(all == won && reasons.len() == all, "{all} entries, {won} acts done");
    ensure!(won + same + lost == 1_000, "{counts:?}");
    ensure!(lost > 0, "nobody ever lost: that tests nothing");
    Ok(())
}

/// Twenty acts, each upon the state that was seen before it: done, found to be so already, or refused with 409 and what to do.
async fn deploy(admin: &Admin, deployer: usize) -> Result<[usize; 3]> {
    let [mut won, mut same, mut lost] = [0; 3];
    for act in 0..20 {
        let seen = admin.get("/v1/whoami").await?["revision"].clone();
        let version = format!("shop@1.0.{}", fastrand::usize(..VERSIONS));
        let body =
            json!({ "apps": [version], "if_revision": seen, "reason": format!("deployer {deployer} act {act}") });
        match admin.call(Method::POST, "/v1/releases", Some(&body)).await? {
            (status, reply) if status.is_success() && reply["release"].is_null() => same += 1,
            (status, _) if status.is_success() => won += 1,
            (StatusCode::CONFLICT, problem) => {
                let told = problem["detail"].as_str().unwrap_or_default();
                ensure!(told.contains("shop") && problem["revision"].is_u64(), "{problem}");
                lost += 1;
            }
            (status, problem) => anyhow::bail!("{status}: {problem}"),
        }
    }
    Ok([won, same, lost])
}
