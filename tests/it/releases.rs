//! Releases while people look: nothing fails, nothing mixes, everybody sees the new version at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tests::{
    load::{View, Visitors},
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed, stamps},
};
use tokio::time::{Instant, sleep_until};

const PARTS: [&str; 4] = ["shop/part", "other/part", "other/part?again=1", "shop/part?again=1"];

/// Two apps at two versions each, all four with an instance; `shop` has the page.
struct Pair {
    platform: Platform,
    admin: Admin,
    bffs: Vec<(Stamped, Announced)>,
    _packed: TempDir,
}

impl Pair {
    async fn start() -> Result<Self> {
        let platform = Platform::start().await?;
        let admin = platform.admin()?;
        admin.team("shop", &["shop", "other"]).await?;
        let folder = tempfile::tempdir()?;
        let mut bffs = Vec::new();
        for (app, path, includes) in [
            ("other", "/other", &[][..]),
            ("shop", "/", &["shop/part", "other/part"][..]),
        ] {
            for number in ["1.0.0", "2.0.0"] {
                let version = format!("{app}@{number}");
                let out = folder.path().join(&version);
                packed(&version, path, includes, &out).await?;
                admin.publish(&version, &out).await?;
                let bff = Stamped::start(&version, if app == "shop" { &PARTS } else { &[] }).await?;
                let announced = admin.announce(&version, bff.origin()).await?;
                bffs.push((bff, announced));
            }
        }
        admin.release(&["shop@1.0.0", "other@1.0.0"]).await?;
        Ok(Self {
            platform,
            admin,
            bffs,
            _packed: folder,
        })
    }
}

/// A page has five stamps, and as the apps are released together, all of the same number.
fn fault(view: &View) -> Option<String> {
    let stamps = stamps(&view.text);
    let number = |stamp: &String| stamp.split_once('@').map(|(_, number)| number.to_owned());
    let numbers: Vec<_> = stamps.iter().map(number).collect();
    let same = numbers.windows(2).all(|pair| pair[0] == pair[1]);
    if view.status == 200 && stamps.len() == 5 && same {
        return None;
    }
    Some(format!("{} {stamps:?}", view.status))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_releases_in_a_minute_fail_no_view_and_mix_no_page() -> Result<()> {
    let pair = Pair::start().await?;
    let visitors = Visitors::new(pair.platform.composer.address());
    let load = visitors.stream("/", 330, fault);
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for at in 0..200_u32 {
        sleep_until(began + Duration::from_millis(300) * at).await;
        let number = if at % 2 == 0 { "2.0.0" } else { "1.0.0" };
        let train = [format!("shop@{number}"), format!("other@{number}")];
        pair.admin.release(&[&train[0], &train[1]]).await?;
        let done = Instant::now();
        loop {
            let view = visitors.view("/", &[]).await?;
            if stamps(&view.text).first() == Some(&train[0]) {
                break;
            }
            ensure!(done.elapsed() < Duration::from_secs(5), "release {at} is not seen");
        }
        slowest = slowest.max(done.elapsed());
    }
    let (tally, rate) = load.end();
    println!(
        "{} views, {rate:.0} a second, the slowest release was seen after {slowest:?}",
        tally.views
    );
    ensure!(
        tally.wrong == 0,
        "{} of {} views: {:#?}",
        tally.wrong,
        tally.views,
        tally.faults
    );
    ensure!(slowest < Duration::from_secs(1), "a release was seen after {slowest:?}");
    // A minute on a machine that does nothing else.
    ensure!(
        began.elapsed() < Duration::from_secs(75),
        "it took {:?}",
        began.elapsed()
    );
    ensure!(rate >= 300.0, "only {rate:.0} views a second");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_has_its_share_of_users_and_nobody_flips_back_as_it_grows() -> Result<()> {
    const USERS: usize = 10_000;
    let pair = Pair::start().await?;
    let visitors = Visitors::new(pair.platform.composer.address());
    let release = pair
        .admin
        .canary(&["shop@2.0.0", "other@2.0.0"], &[500, 2_500, 10_000])
        .await?;
    let users: Vec<String> = (0..USERS).map(|at| format!("marquetry-user={at:032x}")).collect();
    let mut before = vec![false; USERS];
    for (step, share) in [0.05, 0.25].into_iter().enumerate() {
        if step > 0 {
            let path = format!("/v1/releases/{release}/promote");
            let body = serde_json::json!({ "step": step });
            pair.admin.act(http::Method::POST, &path, &body).await?;
        }
        let now = in_canary(&visitors, &users).await?;
        let flipped = before
            .iter()
            .zip(&now)
            .filter(|(before, now)| **before && !**now)
            .count();
        ensure!(flipped == 0, "{flipped} users flipped back at step {step}");
        #[expect(clippy::cast_precision_loss, reason = "a count of users")]
        let found = now.iter().filter(|user| **user).count() as f64 / USERS as f64;
        println!("step {step}: {share} asked, {found} found");
        ensure!((found - share).abs() < 0.01, "{found} of all users instead of {share}");
        before = now;
    }
    Ok(())
}

/// For each user whether the page is the canary's; the calls of one in sixteen have to agree with their pages.
async fn in_canary(visitors: &Visitors, users: &[String]) -> Result<Vec<bool>> {
    let mut found = Vec::with_capacity(users.len());
    for group in users.chunks(50) {
        let views = group.iter().map(|user| async move {
            let view = visitors.view("/", &[("cookie", user)]).await?;
            ensure!(fault(&view).is_none(), "{:?}", fault(&view));
            let stamp = stamps(&view.text).first().cloned().context("no stamp")?;
            let base = format!("/_m/app/{stamp}/");
            if !user.ends_with('7') {
                return Ok(stamp == "shop@2.0.0");
            }
            let called = visitors.view(&format!("{base}call"), &[("cookie", user)]).await?;
            ensure!(
                called.text.contains(&format!("[{stamp}]")),
                "{base} was answered by {}",
                called.text
            );
            Ok(stamp == "shop@2.0.0")
        });
        for view in futures_util::future::join_all(views).await {
            found.push(view?);
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_that_fails_is_rolled_back_within_ten_seconds_at_fifty_views_a_second() -> Result<()> {
    let pair = Pair::start().await?;
    let visitors = Visitors::new(pair.platform.composer.address());
    let body = serde_json::json!({
        "apps": ["shop@2.0.0", "other@2.0.0"],
        "canary": { "audience": "share", "steps": [1_000, 5_000, 10_000], "every_s": 600 },
        "reason": "faster lists",
    });
    pair.admin.act(http::Method::POST, "/v1/releases", &body).await?;
    pair.bffs
        .iter()
        .filter(|(bff, _)| bff.version().ends_with("@2.0.0"))
        .for_each(|(bff, _)| bff.fail(true));
    let began = Instant::now();
    let load = visitors.stream("/", 50, |_| None);
    let entry = tests::wait::until(Duration::from_secs(10), "the canary is rolled back", async || {
        let history = pair.admin.get("/v1/history").await?;
        let newest = history["entries"][0].clone();
        Ok((newest["act"] == "rolled-back").then_some(newest))
    })
    .await?;
    println!("rolled back after {:?}: {}", began.elapsed(), entry["reason"]);
    let reason = entry["reason"].as_str().context("no reason")?;
    ensure!(
        entry["by"] == "system:analysis" && reason.contains("@2.0.0 failed"),
        "{entry}"
    );
    let (_, rate) = load.end();
    println!("{rate:.0} views a second");
    for _ in 0..50 {
        let view = visitors.view("/", &[]).await?;
        ensure!(
            fault(&view).is_none() && stamps(&view.text)[0] == "shop@1.0.0",
            "{}",
            view.text
        );
    }
    Ok(())
}
