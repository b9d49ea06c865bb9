//! Many who want the same at once, and a BFF that is dead: neither costs more than it must.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use tests::{
    client::get,
    composer::Config,
    fault::{
        Answer, Plan, Role, Stage, Step,
        stage::{LONG, whole_in_the_end},
    },
    wait::{PATIENCE, until},
};
use tokio::{sync::Barrier, task::JoinSet};

/// Pages at once.
const HERD: usize = 500;
/// How long the herd has time to gather before its one answer is there.
const GATHER: Duration = Duration::from_millis(200);
/// Views whose median counts.
const VIEWS: usize = 200;
/// What a slot of a dead app may take beyond one that is kept.
const DECIDED: Duration = Duration::from_millis(1);

/// Room for all of a herd at once.
const ROOMY: &str =
    "[limits]\nqueue_ms = 10000\n[fetch]\nin_flight = 4096\nin_flight_per_app = 4096\nconnect_ms = 10000";

async fn stage(lines: &str) -> Result<Stage> {
    let config = Config::default().line("log = \"warn\"").tables(lines);
    Stage::start(config, LONG).await
}

/// Pages that all begin at once: how many of them show the whole fragment.
async fn herd(stage: &Stage) -> Result<usize> {
    let (start, mut pages) = (Arc::new(Barrier::new(HERD)), JoinSet::new());
    for _ in 0..HERD {
        let (address, start) = (stage.composer.address(), Arc::clone(&start));
        pages.spawn(async move {
            start.wait().await;
            get(address, &Role::Optional.path("x")).send().await
        });
    }
    let mut shown = 0;
    while let Some(reply) = pages.join_next().await {
        let reply = reply??;
        ensure!(
            reply.status == 200,
            "{}: {}\n{}",
            reply.status,
            reply.text(),
            stage.log()?
        );
        let page = whole_in_the_end(Role::Optional, &reply)?;
        shown += page.all(".last")?.len();
    }
    Ok(shown)
}

fn good() -> Answer {
    let line = "<p>one of many lines</p>".repeat(20);
    Answer::html(format!("<p class=\"first\">first</p>{line}<p class=\"last\">last</p>")).cached("s-maxage=60")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_herd_of_500_pages_on_one_cold_fragment_costs_one_fetch() -> Result<()> {
    let mut stage = stage(ROOMY).await?;
    let target = Role::Optional.target("x");
    let answer = vec![Step::Wait(GATHER), Step::Send(good().wire()), Step::Next];
    stage.faulty.does(&target, answer);
    let shown = herd(&stage).await?;
    let asked = stage.faulty.asked(&target);
    ensure!(shown == HERD && asked == 1, "{shown} of {HERD} pages, {asked} fetches");
    stage.is_sound()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_herd_whose_first_fetch_is_cut_costs_two() -> Result<()> {
    let mut stage = stage(ROOMY).await?;
    let target = Role::Optional.target("x");
    let (cut, whole) = (good().half(), good().wire());
    let plan = Plan::Turns(vec![
        vec![Step::Wait(GATHER), Step::Send(cut), Step::Wait(GATHER), Step::Reset],
        vec![Step::Wait(GATHER), Step::Send(whole), Step::Next],
    ]);
    stage.faulty.on(&target, plan);
    let shown = herd(&stage).await?;
    let asked = stage.faulty.asked(&target);
    ensure!((1..=2).contains(&asked), "{asked} fetches for {HERD} pages");
    // Whoever came while the first was under way has what came of it, closed properly.
    println!("{shown} of {HERD} pages show all of it, {asked} fetches");
    // What broke off is remembered for a moment.
    let back = async || {
        let reply = stage.composer.get(&Role::Optional.path("x")).send().await?;
        let page = whole_in_the_end(Role::Optional, &reply)?;
        Ok((!page.all(".last")?.is_empty()).then_some(()))
    };
    until(PATIENCE, "the whole fragment is there", back).await?;
    let after = herd(&stage).await?;
    let asked = stage.faulty.asked(&target);
    ensure!(
        after == HERD && asked <= 2,
        "afterwards: {after} of {HERD} pages, {asked} fetches"
    );
    stage.is_sound()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_herd_whose_first_fetch_fails_before_its_first_byte_costs_two() -> Result<()> {
    let mut stage = stage(ROOMY).await?;
    let target = Role::Optional.target("x");
    let plan = Plan::Turns(vec![
        vec![Step::Wait(GATHER), Step::Reset],
        vec![Step::Wait(GATHER), Step::Send(good().wire()), Step::Next],
    ]);
    stage.faulty.on(&target, plan);
    let shown = herd(&stage).await?;
    let asked = stage.faulty.asked(&target);
    ensure!(shown == HERD && asked <= 2, "{shown} of {HERD} pages, {asked} fetches");
    stage.is_sound()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_a_dead_app_is_decided_in_less_than_a_millisecond() -> Result<()> {
    let mut stage = stage("[fetch]\nbreaker_open_ms = 60000\nbreaker_longest_ms = 60000").await?;
    stage.faulty.answers(&Role::Optional.target("kept"), &good());
    let page = |case: &str| stage.composer.get(&Role::Optional.path(case)).send();
    ensure!(
        page("kept").await?.text().contains("class=\"last\""),
        "it works at first"
    );
    stage.faulty.away().await;
    let opened = async || {
        whole_in_the_end(Role::Optional, &page("x").await?)?;
        Ok((refused_by_breaker(&stage).await? > 0.0).then_some(()))
    };
    until(PATIENCE, "the breaker opens", opened).await?;
    let (mut dead, mut kept) = (Vec::new(), Vec::new());
    for _ in 0..VIEWS {
        let reply = page("x").await?;
        let slot = whole_in_the_end(Role::Optional, &reply)?;
        ensure!(slot.slot("faulty/optional")?.text() == "try later", "the fallback");
        dead.push(reply.took);
        let reply = page("kept").await?;
        ensure!(reply.text().contains("class=\"last\""), "what is kept is shown");
        kept.push(reply.took);
    }
    let [dead, kept] = [dead, kept].map(median);
    println!("a page with a slot of a dead app: {dead:?}; with one that is kept: {kept:?}");
    ensure!(refused_by_breaker(&stage).await? >= 100.0, "its breaker is open");
    ensure!(
        dead < kept + DECIDED,
        "a slot of a dead app took {:?}",
        dead.saturating_sub(kept)
    );
    stage.is_sound()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How many fetches met an open breaker.
async fn refused_by_breaker(stage: &Stage) -> Result<f64> {
    let numbers = get(stage.composer.admin(), "/metrics").send().await?.text();
    let line = numbers.lines().find(|line| {
        line.starts_with("composer_fetch_total{")
            && line.contains("faulty/optional")
            && line.contains("outcome=\"breaker\"")
    });
    let value = line.and_then(|line| line.split(' ').next_back());
    value.map_or(Ok(0.0), |value| value.parse().context("a number"))
}
