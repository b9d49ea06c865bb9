//! What is acknowledged stays: through kill -9 at any moment, at any system call, and through disks that fail.

mod ground;
mod harm;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use http::{Method, StatusCode};
use serde_json::json;
use tests::{
    client,
    registry::Admin,
    stamped::stamps,
    wait::{PATIENCE, until},
};

use self::{
    ground::{Acked, Ground, VERSIONS, act, check, history, other, page_is_whole},
    harm::{Faults, damage, end, strace},
};

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
