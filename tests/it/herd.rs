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
/// What a slot of a dead app may take, on average.
const DECIDED: Duration = Duration::from_millis(1);

/// Room for all of a herd at once.
const ROOMY: &str = "[limits]\nqueue_ms = 10000\n[fetch]\nin_flight = 4096\nin_flight_per_app = 4096";

async fn stage(lines: &str) -> Result<Stage> {
    let config = Config::default().line("log = \"error\"").tables(lines);
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
        ensure!(reply.status == 200, "{}: {}", reply.status, reply.text());
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
    stage.faulty.away().await;
    let page = || stage.composer.get(&Role::Optional.path("x")).send();
    let opened = async || {
        whole_in_the_end(Role::Optional, &page().await?)?;
        Ok((breaker(&stage).await?.0 > 0.0).then_some(()))
    };
    until(PATIENCE, "the breaker opens", opened).await?;
    for _ in 0..100 {
        let page = whole_in_the_end(Role::Optional, &page().await?)?;
        ensure!(page.slot("faulty/optional")?.text() == "try later", "the fallback");
    }
    let (count, sum) = breaker(&stage).await?;
    ensure!(count >= 100.0, "{count} fetches met the breaker");
    let each = Duration::from_secs_f64(sum / count);
    println!("a slot of a dead app: {each:?}");
    ensure!(each < DECIDED, "a slot of a dead app took {each:?}");
    stage.is_sound()
}

/// How many fetches met an open breaker, and what they took in all, in seconds.
async fn breaker(stage: &Stage) -> Result<(f64, f64)> {
    let numbers = get(stage.composer.admin(), "/metrics").send().await?.text();
    let number = |name: &str| -> Result<f64> {
        let line = numbers.lines().find(|line| {
            line.starts_with(&format!("composer_fetch_duration_seconds_{name}"))
                && line.contains("faulty/optional")
                && line.contains("outcome=\"breaker\"")
        });
        let value = line.and_then(|line| line.split(' ').next_back());
        value.map_or(Ok(0.0), |value| value.parse().context("a number"))
    };
    Ok((number("count")?, number("sum")?))
}
