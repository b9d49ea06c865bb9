//! What a page costs a process: load on one side, `/proc` on the other.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    load::{self, Load, Target},
    process::Process,
};

/// How long and how hard.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
    pub(crate) connections: usize,
}

/// What came of it.
pub(crate) struct Measured {
    pub(crate) cpu_per_page: Duration,
    pub(crate) pages_per_second: f64,
    pub(crate) load: Load,
}

impl Effort {
    /// The same load, not measured.
    pub(crate) async fn warm_up(&self, target: &Target) -> Result<()> {
        load::run(target, self.connections, self.warm_up).await.map(drop)
    }

    /// Loads the process.
    pub(crate) async fn spend(&self, process: &Process, target: &Target) -> Result<Measured> {
        let (cpu, started) = (process.cpu_time(), Instant::now());
        let load = load::run(target, self.connections, self.duration).await?;
        let (cpu, elapsed) = (process.cpu_time() - cpu, started.elapsed());
        let pages = u32::try_from(load.pages)?.max(1);
        Ok(Measured {
            cpu_per_page: cpu / pages,
            pages_per_second: f64::from(pages) / elapsed.as_secs_f64(),
            load,
        })
    }
}

/// The middle one, of an odd number.
pub(crate) fn median<T>(mut all: Vec<T>, key: impl Fn(&T) -> Duration) -> Option<T> {
    all.sort_by_key(key);
    let middle = all.len() / 2;
    all.into_iter().nth(middle)
}

/// In millionths of a second.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
