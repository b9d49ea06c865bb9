//! Whatever a BFF does, in whatever role, kept or not: the page is whole, in time, and nothing broken stays.

mod matrix;
mod resets;
mod connections;
mod case;

use std::sync::Arc;

use anyhow::{Context, Error, Result, bail, ensure};
use futures_util::{StreamExt, stream};
use tests::{
    composer::Config,
    fault::{Stage, stage::Times},
};

/// Pages under way at once.
const AT_ONCE: usize = 16;
/// What a run may leave in the composer's memory, and what it may need on the way.
const LEFT_MB: u64 = 96;
const PEAK_MB: u64 = 192;

/// How a case is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    AmongMany,
    Alone,
}

/// With a breaker that stays closed, or most faults would not even be met; and without a share of pages that are refused
/// because the processor has too much to do.
async fn stage(times: Times) -> Result<Stage> {
    let config = Config::default()
        .line("log = \"error\"")
        .tables("[limits]\nqueue_ms = 10000\n[fetch]\nbreaker_percent = 100");
    Stage::start(config, times).await
}

/// Runs all of `work` on one stage, many at a time. What goes wrong among so many, on a machine that may have too much to
/// do, has to go well when it is alone.
async fn all<T, F>(stage: Stage, work: Vec<T>, run: impl Fn(Arc<Stage>, T, Try) -> F) -> Result<()>
where
    T: Clone,
    F: Future<Output = Result<()>> + Send + 'static,
{
    let before = stage.composer.process.memory()?.resident;
    let stage = Arc::new(stage);
    // Each in a task of its own: reading one page must not hold up another, whose time is taken.
    let tasks = work.iter().map(|one| {
        let task = tokio::spawn(run(Arc::clone(&stage), one.clone(), Try::AmongMany));
        async move { (one, task.await) }
    });
    let done: Vec<_> = stream::iter(tasks).buffer_unordered(AT_ONCE).collect().await;
    let (mut alone, mut broken) = (0, Vec::new());
    for (one, result) in done {
        let Err(first) = result? else { continue };
        alone += 1;
        println!("again: {}", line(&first));
        if let Err(second) = run(Arc::clone(&stage), one.clone(), Try::Alone).await {
            broken.push(second);
        }
    }
    let mut stage = Arc::into_inner(stage).context("a case still holds the stage")?;
    stage.is_sound()?;
    if let Some(first) = broken.first() {
        let lines: Vec<_> = broken.iter().map(line).collect();
        bail!(
            "{} went wrong:\n{}\n\nthe first:\n{first:#}",
            broken.len(),
            lines.join("\n")
        );
    }
    ensure!(alone * 5 < work.len(), "{alone} of {} went well only alone", work.len());
    let after = stage.composer.process.memory()?;
    let [left, peak] = [after.resident, after.peak].map(|bytes| bytes.saturating_sub(before) >> 20);
    println!(
        "{} went well; memory: {left} MB left, {peak} MB at the peak",
        work.len()
    );
    ensure!(
        left < LEFT_MB && peak < PEAK_MB,
        "the composer grew by {left} MB, for a time by {peak} MB"
    );
    Ok(())
}

fn line(error: &Error) -> String {
    format!("{error:#}").lines().next().unwrap_or_default().to_owned()
}
