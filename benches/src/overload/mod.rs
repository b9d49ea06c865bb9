//! More than the composer can do: how much of that it does, how soon the rest is told so, and what health checks see of it.

mod answers;
mod surge;
mod told;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use clap::Args;
use tokio::task::LocalSet;

use crate::{
    contestants::{self, Composer, Upstream},
    load::Target,
    mode::{Coding, Mode},
    place,
    process::{self, Cpu, Process},
    report::{self, Docs},
};
use answers::Answers;
use surge::{Answered, Phase, Steady};

/// What is told of the load begins when it has stood for so long.
const SETTLED: Duration = Duration::from_secs(2);
/// Half of what it can do, before and after.
const CALM: f64 = 0.5;
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(8);
/// A page that takes longer is not as usual, when the calm before knew no slower one.
const USUAL: Duration = Duration::from_millis(50);
/// Pages that are asked for at once for the peak, over as many connections as the load.
const AT_ONCE: usize = 32;
/// Of each of the admin listener's addresses.
const ASKED_PER_SECOND: f64 = 50.0;

/// Options of `marquetry-bench overload`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What the client reads; one measurement for each.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "plain,gzip")]
    codings: Vec<Coding>,
    /// Fragments of a page, which is uncached; one measurement for each.
    #[arg(long, value_delimiter = ',', default_value = "8,32")]
    fragments: Vec<usize>,
    /// Times the peak.
    #[arg(long, value_delimiter = ',', default_value = "3")]
    loads: Vec<f64>,
    /// Connections over which pages are asked for.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
    /// Seconds of each load.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Rounds; all are told, and the median of what was served.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Further lines of `composer.toml`, such as a table `[limits]`.
    #[arg(long, default_value = "")]
    config: String,
    /// The composer's program [default: `marquetry` beside this one].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The folder whose `performance.md` gets the table.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// What is asked for, and so many times as often as can be done.
#[derive(Clone, Copy, PartialEq)]
struct Kind {
    coding: Coding,
    fragments: usize,
    load: f64,
}

impl Kind {
    fn all(arguments: &Arguments) -> impl Iterator<Item = Self> {
        let Arguments {
            codings,
            fragments,
            loads,
            ..
        } = arguments;
        codings.iter().flat_map(move |&coding| {
            fragments.iter().flat_map(move |&fragments| {
                loads.iter().map(move |&load| Self {
                    coding,
                    fragments,
                    load,
                })
            })
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} pages of {}, {} × the peak",
            self.coding.name(),
            self.fragments,
            self.load
        )
    }
}

/// A composer that runs, and how often it is asked.
struct Bench {
    process: Arc<Process>,
    pages: Target,
    admin: u16,
    connections: usize,
    length: Duration,
}

/// Pages a second, and what each costs.
struct Peak {
    per_second: f64,
    cpu_per_page: Duration,
    busy: f64,
}

impl Peak {
    fn mean(peaks: &[Self; 2], what: impl Fn(&Self) -> f64) -> f64 {
        f64::midpoint(what(&peaks[0]), what(&peaks[1]))
    }
}

/// What a load of so many times the peak came to.
struct Course {
    kind: Kind,
    /// Just before it and just after it: a machine that others use as well is not equally fast for long.
    peaks: [Peak; 2],
    /// CPU time beyond that of the pages which were served, for each refusal.
    refusal_cpu: Duration,
    answers: Answers,
    health: Answers,
    metrics: Answers,
    over_after: Duration,
}

impl Course {
    /// Pages that came, a second.
    fn served(&self) -> f64 {
        self.answers.with(200) as f64 / self.answers.seconds()
    }

    /// The same as a share of the peak.
    fn of_the_peak(&self) -> f64 {
        self.served() / Peak::mean(&self.peaks, |peak| peak.per_second)
    }
}

/// Answers to what was asked beside each other.
struct Seen {
    pages: Vec<Answered>,
    health: Vec<Answered>,
    metrics: Vec<Answered>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    process::allow_open_files();
    let folder = place::in_memory()?;
    let upstream = Upstream::start(folder.path()).await?;
    let binary = contestants::composer_program(arguments.binary.as_ref())?;
    let composer = Composer {
        config: arguments.config.clone(),
        ..Composer::bench(&binary, upstream.port, &[])
    };
    let mut courses = vec![];
    for round in 1..=arguments.rounds {
        for kind in Kind::all(arguments) {
            eprintln!("{kind}, round {round}");
            let bench = Bench::start(&composer, folder.path(), kind, arguments).await?;
            let course = bench.course(kind).await?;
            eprint!("{}", told::line(&course));
            courses.push(course);
        }
    }
    let text = told::tables(&courses);
    println!("overload\n\n{text}");
    if let Some(folder) = &arguments.write {
        let sentence = report::sentence(&place::peers());
        Docs::new(folder)?.write("overload", &format!("{sentence}\n\n{text}"))?;
    }
    Ok(())
}

impl Bench {
    async fn start(composer: &Composer, folder: &std::path::Path, kind: Kind, arguments: &Arguments) -> Result<Self> {
        let folder = tempfile::tempdir_in(folder)?;
        let (port, admin) = (process::free_port()?, process::free_port()?);
        let mut command = composer.command(folder.path(), port)?;
        command.env("MARQUETRY_ADMIN_LISTEN", format!("127.0.0.1:{admin}"));
        let mut process = Process::start(Cpu::Server, &command, &folder.path().join("log"))?;
        process.listening(port).await?;
        Ok(Self {
            process: Arc::new(process),
            pages: Target {
                port,
                path: format!("/{}/{}", Mode::Uncached.prefix(), kind.fragments),
                coding: kind.coding,
            },
            admin,
            connections: arguments.connections,
            length: Duration::from_secs_f64(arguments.seconds),
        })
    }

    /// What it can do, for clients that wait for their pages.
    async fn peak(&self) -> Result<Peak> {
        let (target, connections, process) = (self.pages.clone(), self.connections, Arc::clone(&self.process));
        aside(async move || {
            let steady = Steady::connect(&target, connections, AT_ONCE).await?;
            steady.ask(Duration::from_secs(1)).await?;
            let (cpu, began) = (process.cpu_time(), Instant::now());
            let pages = u32::try_from(steady.ask(Duration::from_secs(4)).await?)?.max(1);
            let (cpu, elapsed) = (process.cpu_time() - cpu, began.elapsed());
            Ok(Peak {
                per_second: f64::from(pages) / elapsed.as_secs_f64(),
                cpu_per_page: cpu / pages,
                busy: cpu.as_secs_f64() / elapsed.as_secs_f64(),
            })
        })?
        .await
    }

    async fn course(&self, kind: Kind) -> Result<Course> {
        let before = self.peak().await?;
        let phases = [(CALM, BEFORE), (kind.load, self.length), (CALM, AFTER)].map(|(share, length)| Phase {
            per_second: share * before.per_second,
            length,
        });
        let surge = self.surge(phases)?;
        tokio::time::sleep(BEFORE + SETTLED).await;
        let cpu = self.process.cpu_time();
        tokio::time::sleep(self.length.saturating_sub(SETTLED)).await;
        let cpu = self.process.cpu_time() - cpu;
        let seen = surge.await?;
        let peaks = [before, self.peak().await?];
        let (from, to) = (BEFORE + SETTLED, BEFORE + self.length);
        let answers = Answers::between(&seen.pages, from, to);
        let calm = Answers::between(&seen.pages, BEFORE / 3, BEFORE);
        let after = Answers::between(&seen.pages, to, to + AFTER);
        let last = after.last_unusual((2 * calm.took(200, 999)).max(USUAL)).unwrap_or(to);
        let cpu_per_page = Peak::mean(&peaks, |peak| peak.cpu_per_page.as_secs_f64());
        let spent_on_pages = cpu_per_page * answers.with(200) as f64;
        let rest = (cpu.as_secs_f64() - spent_on_pages).max(0.0) / answers.with(503).max(1) as f64;
        Ok(Course {
            kind,
            peaks,
            refusal_cpu: Duration::from_secs_f64(rest),
            answers,
            health: Answers::between(&seen.health, from, to),
            metrics: Answers::between(&seen.metrics, from, to),
            over_after: last.saturating_sub(to),
        })
    }

    /// Asks for pages, health and metrics.
    fn surge(&self, phases: [Phase; 3]) -> Result<impl Future<Output = Result<Seen>> + use<>> {
        let asked = phases.map(|phase| Phase {
            per_second: ASKED_PER_SECOND,
            ..phase
        });
        let (pages, connections) = (self.pages.clone(), self.connections);
        let [health, metrics] = ["/healthz", "/metrics"].map(|path| Target {
            port: self.admin,
            path: path.to_owned(),
            coding: Coding::Plain,
        });
        aside(async move || {
            let (pages, health, metrics) = tokio::try_join!(
                surge::run(&pages, connections, &phases),
                surge::run(&health, 16, &asked),
                surge::run(&metrics, 16, &asked),
            )?;
            Ok(Seen { pages, health, metrics })
        })
    }
}

/// Runs clients in a thread that the fragment server doesn't hold up.
fn aside<T, F>(clients: F) -> Result<impl Future<Output = Result<T>> + use<T, F>>
where
    T: Send + 'static,
    F: AsyncFnOnce() -> Result<T> + Send + 'static,
{
    let (told, seen) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().spawn(move || {
        process::come_first();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(anyhow::Error::from);
        let _ = told.send(runtime.and_then(|runtime| LocalSet::new().block_on(&runtime, clients())));
    })?;
    Ok(async { seen.await.map_err(|_| anyhow!("the clients panicked"))? })
}
