//! Everything at once, from one seed: faults, kills, releases, purges, bursts, and visitors of every kind.

mod chaos;
mod visitors;
mod referee;
mod record;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use fastrand::Rng;
use record::Record;
use tests::{composer::Config, environment, fault::Arena, wait::within};
use tokio::{task::JoinSet, time::Instant};

/// In CI; `cargo xtask gameday` plays longer.
const LENGTH: Duration = Duration::from_secs(25);
/// After so long everything has been there once, and what the composer holds is what it holds from then on.
const WARM_UP: Duration = Duration::from_secs(8);
/// The last move of each player may take so long.
const LAST_MOVE: Duration = Duration::from_secs(40);

/// Limits so short that clients who misbehave are gone when the game ends.
const TABLES: &str = "
[limits]
connections = 2000
head_ms = 2000
idle_ms = 3000
body_stall_ms = 2000
write_stall_ms = 3000

[fetch]
idle_ms = 1000
idle_connections = 16
";

#[tokio::test(flavor = "multi_thread")]
async fn a_game_day_ends_as_it_began() -> Result<()> {
    let seed = environment::seed()?.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let length = environment::game_length()?.unwrap_or(LENGTH);
    println!("seed {seed}, {length:?}: MARQUETRY_SEED={seed}");
    let record = Arc::new(Record::new(seed));
    let played = play(seed, length, &record).await;
    println!("{}", record.summary());
    played.with_context(|| format!("seed {seed}\n{}", record.last_moves()))
}

async fn play(seed: u64, length: Duration, record: &Arc<Record>) -> Result<()> {
    let config = Config::default().line("log = \"error\"").tables(TABLES);
    let arena = Arc::new(Arena::start(config).await?);
    let mut rng = Rng::with_seed(seed);
    referee::calm(&arena, record).await?;
    game(&arena, record, &mut rng, WARM_UP.min(length / 2)).await?;
    referee::calm(&arena, record).await?;
    referee::idle(&arena).await?;
    let before = referee::holdings(&arena)?;
    game(&arena, record, &mut rng, length).await?;
    referee::calm(&arena, record).await?;
    referee::idle(&arena).await?;
    referee::judge(&arena, record, before).await
}

/// All players at once, until `length` is over or one of them has seen something wrong.
async fn game(arena: &Arc<Arena>, record: &Arc<Record>, rng: &mut Rng, length: Duration) -> Result<()> {
    let end = Instant::now() + length;
    let mut players = JoinSet::new();
    let mut seat = || (Arc::clone(arena), Arc::clone(record), rng.fork(), end);
    players.spawn(chaos::faults(seat()));
    players.spawn(chaos::outages(seat()));
    players.spawn(chaos::operators(seat()));
    for _ in 0..6 {
        players.spawn(visitors::readers(seat()));
    }
    for _ in 0..2 {
        players.spawn(visitors::leavers(seat()));
        players.spawn(visitors::slow_ones(seat()));
        players.spawn(visitors::streams(seat()));
    }
    players.spawn(visitors::bursts(seat()));
    let all = async {
        while let Some(player) = players.join_next().await {
            player??;
        }
        anyhow::Ok(())
    };
    within(length + LAST_MOVE, "all players end", all).await?
}
