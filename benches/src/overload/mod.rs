//! More than the composer can do: how much of that it does, how soon the rest is told so, and what health checks see of it.

mod answers;
mod surge;

use std::{
    fmt::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use tokio::task::LocalSet;

use crate::{
    contestants::{self, Composer, Upstream},
    load::{self, Target},
    mode::{Coding, Mode},
    place,
    process::{self, Cpu, Process},
    report::{self, Docs},
};
use answers::Answers;
use surge::{Answered, Phase};

/// What is told of the load begins when it has stood for so long.
const SETTLED: Duration = Duration::from_secs(2);
/// Half of what it can do, before and after.
const CALM: f64 = 0.5;
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(8);
/// A page that takes longer is not as usual, when the calm before knew no slower one.
const USUAL: Duration = Duration::from_millis(50);
/// Clients that ask at once for the peak; each waits for its page.
const PEAK_CONNECTIONS: usize = 32;
/// Of each of the admin listener's addresses.
const ASKED_PER_SECOND: f64 = 50.0;

/// Options of `marquetry-bench overload`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What the client reads; one measurement for each.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "plain,gzip")]
    codings: Vec<Coding>,
    /// Fragments of a page; it is uncached.
    #[arg(long, default_value_t = 8)]
    fragments: usize,
    /// Times the peak.
    #[arg(long, value_delimiter = ',', default_value = "1,3")]
    loads: Vec<f64>,
    /// Connections over which pages are asked for.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Rounds; all are told.
    #[arg(long, default_value_t = 3)]
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

/// A composer that runs, and how often it is asked.
struct Bench {
    process: Process,
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

/// What a load of so many times the peak came to.
struct Course {
    load: f64,
    peak: f64,
    /// CPU time beyond that of the pages which were served, for each refusal.
    refusal_cpu: Duration,
    answers: Answers,
    health: Answers,
    metrics: Answers,
    over_after: Duration,
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
    let mut text = HEAD.to_owned();
    for round in 1..=arguments.rounds {
        for coding in &arguments.codings {
            for load in &arguments.loads {
                eprintln!("{} pages, {load} times the peak, round {round}", coding.name());
                let bench = Bench::start(&composer, folder.path(), *coding, arguments).await?;
                let peak = bench.peak().await?;
                let course = bench.course(&peak, *load).await?;
                let line = course.line(*coding, &peak);
                eprint!("{line}");
                text += &line;
            }
        }
    }
    println!("overload\n\n{text}");
    if let Some(folder) = &arguments.write {
        let sentence = report::sentence(&place::peers());
        Docs::new(folder)?.write("overload", &format!("{sentence}\n\n{text}"))?;
    }
    Ok(())
}

impl Bench {
    async fn start(
        composer: &Composer,
        folder: &std::path::Path,
        coding: Coding,
        arguments: &Arguments,
    ) -> Result<Self> {
        let folder = tempfile::tempdir_in(folder)?;
        let (port, admin) = (process::free_port()?, process::free_port()?);
        let mut command = composer.command(folder.path(), port)?;
        command.env("MARQUETRY_ADMIN_LISTEN", format!("127.0.0.1:{admin}"));
        let mut process = Process::start(Cpu::Server, &command, &folder.path().join("log"))?;
        process.listening(port).await?;
        Ok(Self {
            process,
            pages: Target {
                port,
                path: format!("/{}/{}", Mode::Uncached.prefix(), arguments.fragments),
                coding,
            },
            admin,
            connections: arguments.connections,
            length: Duration::from_secs_f64(arguments.seconds),
        })
    }

    /// What it can do, for clients that wait for their pages.
    async fn peak(&self) -> Result<Peak> {
        load::run(&self.pages, PEAK_CONNECTIONS, Duration::from_secs(1)).await?;
        let (cpu, began) = (self.process.cpu_time(), Instant::now());
        let load = load::run(&self.pages, PEAK_CONNECTIONS, Duration::from_secs(4)).await?;
        let (cpu, elapsed) = (self.process.cpu_time() - cpu, began.elapsed());
        let pages = u32::try_from(load.pages)?.max(1);
        Ok(Peak {
            per_second: f64::from(pages) / elapsed.as_secs_f64(),
            cpu_per_page: cpu / pages,
            busy: cpu.as_secs_f64() / elapsed.as_secs_f64(),
        })
    }

    async fn course(&self, peak: &Peak, load: f64) -> Result<Course> {
        let phases = [(CALM, BEFORE), (load, self.length), (CALM, AFTER)].map(|(share, length)| Phase {
            per_second: share * peak.per_second,
            length,
        });
        let surge = self.surge(phases)?;
        tokio::time::sleep(BEFORE + SETTLED).await;
        let cpu = self.process.cpu_time();
        tokio::time::sleep(self.length.saturating_sub(SETTLED)).await;
        let cpu = self.process.cpu_time() - cpu;
        let seen = surge.await?;
        let (from, to) = (BEFORE + SETTLED, BEFORE + self.length);
        let answers = Answers::between(&seen.pages, from, to);
        let calm = Answers::between(&seen.pages, BEFORE / 3, BEFORE);
        let after = Answers::between(&seen.pages, to, to + AFTER);
        let last = after.last_unusual((2 * calm.took(200, 999)).max(USUAL)).unwrap_or(to);
        let spent_on_pages = peak.cpu_per_page.as_secs_f64() * answers.with(200) as f64;
        let rest = (cpu.as_secs_f64() - spent_on_pages).max(0.0) / answers.with(503).max(1) as f64;
        Ok(Course {
            load,
            peak: peak.per_second,
            refusal_cpu: Duration::from_secs_f64(rest),
            answers,
            health: Answers::between(&seen.health, from, to),
            metrics: Answers::between(&seen.metrics, from, to),
            over_after: last.saturating_sub(to),
        })
    }

    /// Asks for pages, health and metrics, in a thread that the fragment server doesn't hold up.
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
        let (told, seen) = tokio::sync::oneshot::channel();
        std::thread::Builder::new().spawn(move || {
            process::come_first();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let seen = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
                LocalSet::new().block_on(&runtime, async {
                    let (pages, health, metrics) = tokio::try_join!(
                        surge::run(&pages, connections, &phases),
                        surge::run(&health, 16, &asked),
                        surge::run(&metrics, 16, &asked),
                    )?;
                    Ok(Seen { pages, health, metrics })
                })
            });
            let _ = told.send(seen);
        })?;
        Ok(async {
            seen.await
                .map_err(|_| anyhow!("the surge panicked"))
                .context("no answers")?
        })
    }
}

const HEAD: &str = "\
| pages | peak | CPU a page | load | served | of the peak | refused | a refusal costs | refused within: 50 %, 95 %, 99 % | served within: 50 %, 99 % | \
/healthz: 95 %, all | /metrics: 95 %, all | as before after |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
";

impl Course {
    fn line(&self, coding: Coding, peak: &Peak) -> String {
        let Self {
            answers,
            health,
            metrics,
            ..
        } = self;
        let (all, seconds) = (answers.count().max(1) as f64, answers.seconds());
        let served = answers.with(200) as f64 / seconds;
        let failed = answers.count() - answers.with(200) - answers.with(503);
        let mut line = format!(
            "| {} | {:.0}/s ({:.0} % busy) | {:.0} µs | {} × | {served:.0}/s | {:.0} % | {:.0} %",
            coding.name(),
            self.peak,
            100.0 * peak.busy,
            peak.cpu_per_page.as_secs_f64() * 1e6,
            self.load,
            100.0 * served / self.peak,
            100.0 * answers.with(503) as f64 / all,
        );
        if failed > 0 {
            let _ = write!(line, ", {failed} failed");
        }
        let _ = writeln!(
            line,
            " | {:.1} µs | {} | {} | {} | {} | {:.1} s |",
            self.refusal_cpu.as_secs_f64() * 1e6,
            within(answers, 503, &[500, 950, 990]),
            within(answers, 200, &[500, 990]),
            within(health, 200, &[950, 1000]),
            within(metrics, 200, &[950, 1000]),
            self.over_after.as_secs_f64(),
        );
        line
    }
}

fn within(answers: &Answers, status: u16, per_mille: &[usize]) -> String {
    let times = per_mille.iter().map(|share| answers.took(status, *share));
    let times: Vec<String> = times.map(|time| format!("{:.1}", time.as_secs_f64() * 1e3)).collect();
    format!("{} ms", times.join(", "))
}
