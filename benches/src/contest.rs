//! Runs the contestants in turns, checks what they send, and takes medians.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{
    contestant::{self, Contestant},
    load,
};

/// What to measure.
pub(crate) struct Contest {
    pub(crate) fragments: Vec<usize>,
    pub(crate) duration: Duration,
    pub(crate) rounds: usize,
    pub(crate) connections: usize,
}

/// One contestant's median figures for pages of so many fragments.
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) fragments: usize,
    pub(crate) cpu_per_page: Duration,
    pub(crate) pages_per_second: f64,
    pub(crate) median: Duration,
    pub(crate) percentile_99: Duration,
    pub(crate) memory_bytes: u64,
    pub(crate) page_bytes: usize,
}

impl Contest {
    pub(crate) async fn run(&self) -> Result<Vec<Figures>> {
        let folder = tempfile::tempdir()?;
        let (port, _upstream) = contestant::upstream().await?;
        let composer = contestant::composer(port, folder.path(), &self.fragments).await?;
        let eager = contestant::eager(&composer);
        let mut contestants = vec![contestant::bare(port).await?, composer, eager];
        match contestant::nginx(port, folder.path()).await? {
            Some(nginx) => contestants.push(nginx),
            None => eprintln!("nginx is not installed (apt-get install nginx-light): measuring without it"),
        }
        let mut figures = Vec::new();
        for &fragments in &self.fragments {
            let mut seen: Vec<Vec<Figures>> = contestants.iter().map(|_| Vec::new()).collect();
            for round in 0..self.rounds {
                for (at, contestant) in contestants.iter().enumerate() {
                    eprintln!("{} fragments, round {}: {}", fragments, round + 1, contestant.name);
                    seen[at].push(
                        self.measure(contestant, fragments)
                            .await
                            .with_context(|| contestant.name)?,
                    );
                }
            }
            figures.extend(seen.into_iter().filter_map(median));
        }
        Ok(figures)
    }

    async fn measure(&self, contestant: &Contestant, fragments: usize) -> Result<Figures> {
        let path = format!("{}{fragments}", contestant.pages);
        let page = load::page(contestant.port, &path).await?;
        let parts = page.windows(9).filter(|window| window == b"data-part").count();
        ensure!(parts == fragments, "the page has {parts} of {fragments} fragments");
        load::run(contestant.port, &path, self.connections, Duration::from_secs(1)).await?;
        let (cpu, started) = (contestant.process.cpu_time(), Instant::now());
        let load = load::run(contestant.port, &path, self.connections, self.duration).await?;
        let (cpu, elapsed) = (contestant.process.cpu_time() - cpu, started.elapsed());
        let pages = u32::try_from(load.pages)?.max(1);
        let percentile = |share: usize| {
            load.latencies
                .get(load.pages * share / 100)
                .copied()
                .unwrap_or_default()
        };
        Ok(Figures {
            name: contestant.name,
            fragments,
            cpu_per_page: cpu / pages,
            pages_per_second: f64::from(pages) / elapsed.as_secs_f64(),
            median: percentile(50),
            percentile_99: percentile(99),
            memory_bytes: contestant.process.memory_bytes(),
            page_bytes: page.len(),
        })
    }
}

fn median(mut rounds: Vec<Figures>) -> Option<Figures> {
    rounds.sort_by_key(|figures| figures.cpu_per_page);
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle)
}
