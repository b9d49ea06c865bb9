//! Runs the contestants in turns, checks what they send, and takes medians.

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};

use crate::{
    contestants::{Contestant, Ground, Kind, Upstream},
    load,
    measure::{Effort, median},
    mode::{Coding, Mode},
    place,
};

/// What to measure.
pub(crate) struct Contest {
    pub(crate) modes: Vec<Mode>,
    pub(crate) codings: Vec<Coding>,
    pub(crate) fragments: Vec<usize>,
    pub(crate) contestants: Vec<Kind>,
    pub(crate) binary: PathBuf,
    pub(crate) old: Option<PathBuf>,
    pub(crate) peers: PathBuf,
    pub(crate) effort: Effort,
    pub(crate) rounds: usize,
}

/// What was measured of whom.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) mode: Mode,
    pub(crate) coding: Coding,
    pub(crate) fragments: usize,
}

/// One contestant's median figures of one case.
pub(crate) struct Figures {
    pub(crate) case: Case,
    pub(crate) cpu_per_page: Duration,
    pub(crate) pages_per_second: f64,
    pub(crate) median: Duration,
    pub(crate) percentile_99: Duration,
    pub(crate) memory_bytes: u64,
    /// As sent.
    pub(crate) page_bytes: usize,
    /// Requests to the fragment server for each page.
    pub(crate) asked: f64,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) figures: Vec<Figures>,
    /// What could not be measured, and why.
    pub(crate) failed: Vec<String>,
}

impl Contest {
    pub(crate) async fn run(&self) -> Result<Outcome> {
        let folder = place::in_memory()?;
        let upstream = Upstream::start(folder.path()).await?;
        let ground = Ground {
            upstream: upstream.port,
            binary: self.binary.clone(),
            old: self.old.clone(),
            peers: self.peers.clone(),
            fragments: self.fragments.clone(),
            folder: folder.path().to_owned(),
        };
        let mut contestants = Vec::new();
        for kind in &self.contestants {
            contestants.extend(Contestant::start(*kind, &ground).await?);
        }
        self.compile(&contestants).await?;
        let mut outcome = Outcome::default();
        for (mode, coding, fragments) in self.cases() {
            let mut seen: Vec<Vec<Figures>> = contestants.iter().map(|_| Vec::new()).collect();
            for round in 1..=self.rounds {
                let able = contestants.iter().zip(&mut seen);
                for (contestant, seen) in able.filter(|(contestant, _)| contestant.kind.does(mode, coding)) {
                    let name = contestant.kind.name(mode);
                    let case = Case {
                        kind: contestant.kind,
                        mode,
                        coding,
                        fragments,
                    };
                    let what = format!("{} {} {fragments} fragments: {name}", mode.name(), coding.name());
                    match self.measure(contestant, case, &upstream).await {
                        Ok(measured) => {
                            let cpu = measured.cpu_per_page.as_secs_f64() * 1e6;
                            eprintln!("{what}, round {round}: {cpu:.1} µs");
                            seen.push(measured);
                        }
                        Err(error) => {
                            let failure = format!("{what}: {error:#}");
                            eprintln!("{failure}");
                            outcome.failed.push(failure);
                        }
                    }
                }
            }
            outcome.figures.extend(
                seen.into_iter()
                    .filter_map(|rounds| median(rounds, |figures| figures.cpu_per_page)),
            );
        }
        Ok(outcome)
    }

    /// Node compiles what runs often; until then a page costs a multiple.
    async fn compile(&self, contestants: &[Contestant]) -> Result<()> {
        for contestant in contestants.iter().filter(|each| each.kind.is_compiled_late()) {
            let target = contestant.target(Mode::Uncached, Coding::Plain, 8);
            let longer = Effort {
                warm_up: self.effort.warm_up * 5,
                ..self.effort
            };
            longer.warm_up(&target).await?;
        }
        Ok(())
    }

    fn cases(&self) -> impl Iterator<Item = (Mode, Coding, usize)> {
        let with_coding = move |mode| self.codings.iter().map(move |coding| (mode, *coding));
        let pairs = self.modes.iter().copied().flat_map(with_coding);
        pairs.flat_map(|(mode, coding)| self.fragments.iter().map(move |count| (mode, coding, *count)))
    }

    async fn measure(&self, contestant: &Contestant, case: Case, upstream: &Upstream) -> Result<Figures> {
        let target = contestant.target(case.mode, case.coding, case.fragments);
        let (sent, page) = load::page(&target).await?;
        let parts = page.windows(9).filter(|window| window == b"data-part").count();
        ensure!(
            parts == case.fragments,
            "the page has {parts} of {} fragments",
            case.fragments
        );
        self.effort.warm_up(&target).await?;
        let asked = upstream.asked().await?;
        let measured = self.effort.spend(&contestant.process, &target).await?;
        let asked = upstream.asked().await? - asked;
        Ok(Figures {
            case,
            cpu_per_page: measured.cpu_per_page,
            pages_per_second: measured.pages_per_second,
            median: measured.load.percentile(50),
            percentile_99: measured.load.percentile(99),
            memory_bytes: contestant.process.memory_bytes(),
            page_bytes: sent.len(),
            asked: asked as f64 / measured.load.pages.max(1) as f64,
        })
    }
}
