//! `marquetry serve`: composes pages until it is told to stop.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use clap::{Args, ValueEnum};
use composer_server::{
    Config, Given, HandOverError, News, Predecessor, Running, Supervisor, Wish, Wishes, config, prepare, telemetry,
};

use super::open_files;
use crate::failure::Failure;

/// Where a composer with a `data_dir` writes its first token.
const FIRST_TOKEN: &str = "platform.token";

/// Serve pages, as a configuration says.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// The configuration; `docs/configuration.md` lists its keys.
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
    /// How log lines are written, to stderr.
    #[arg(long, value_enum, default_value_t)]
    log: Log,
    /// Once it serves, say where on stdout, as one line of JSON.
    #[arg(long)]
    ready_json: bool,
    /// Take the place of the composer on stdin; it is what a composer starts its successor with.
    #[arg(long, hide = true)]
    take_over: bool,
}

const EXAMPLES: &str = "\
Examples:
  marquetry serve
  marquetry serve --config deploy/composer.toml --log json
  MARQUETRY_LISTEN=127.0.0.1:0 MARQUETRY_ADMIN_LISTEN=127.0.0.1:0 marquetry serve --ready-json

SIGTERM and SIGINT stop it: it takes nothing new, finishes what runs within `drain_ms`, and ends.
A second one ends it at once.
SIGHUP reads the configuration anew; `marquetry reload` does the same and tells what came of it.
SIGUSR2 starts the program anew and gives it the listeners, so that nobody is refused; then the old
process finishes and ends. When the new one doesn't start, the old one goes on.";

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Log {
    /// Text on a terminal, else JSON.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Serve {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let config = Config::load(&self.config).map_err(Failure::Breaches)?;
        let _logging = telemetry::start(&config.log, self.log.into());
        open_files::raise(config.limits.connections);
        let (predecessor, given) = if self.take_over {
            let (predecessor, given) = Predecessor::on_stdin()?;
            (Some(predecessor), given)
        } else {
            (None, Given::by_supervisor().map_err(Failure::Supervisor)?)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads)
            .enable_all()
            .build()
            .map_err(Failure::Threads)?;
        runtime.block_on(self.serve(config, given, predecessor))
    }

    async fn serve(&self, config: Config, given: Given, predecessor: Option<Predecessor>) -> Result<(), Failure> {
        // Before anybody can learn that it serves, or a quick stop would end it halfway.
        let mut wishes = Wishes::new().map_err(Failure::Signals)?;
        let supervisor = Supervisor::from_environment();
        // What is there now is started at a hand-over, even when this program's file has been replaced or moved by then.
        let program = std::env::current_exe().map_err(Failure::Program)?;
        let spoken = Spoken::of(&config);
        let prepared = prepare(config, given).await?;
        let running = match predecessor {
            None => prepared.serve(),
            Some(predecessor) => {
                let turn = predecessor.turn().await?;
                let running = prepared.succeed().await;
                turn.done().await;
                running
            }
        };
        spoken.say(&running);
        if self.ready_json {
            say_ready(running.public, running.admin).map_err(Failure::Stdout)?;
        }
        supervisor.tell(News::Serving);
        loop {
            match wishes.next().await {
                Wish::Stop => break,
                Wish::Reload => {
                    // It is told in the log, where it came from.
                    let _ = running.reload().await;
                }
                Wish::HandOver => match self.hand_over(&program, &running, &mut wishes).await {
                    Ok(Some(id)) => {
                        supervisor.tell(News::Succeeded(id));
                        return finish(running, wishes).await;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        let error = anyhow::Error::from(error);
                        tracing::error!("hand-over failed, this composer goes on: {error:#}");
                    }
                },
            }
        }
        supervisor.tell(News::Stopping);
        finish(running, wishes).await
    }

    /// Lets another process serve; tells its id, or nothing when a stop came first.
    async fn hand_over(
        &self,
        program: &Path,
        running: &Running,
        wishes: &mut Wishes,
    ) -> Result<Option<u32>, HandOverError> {
        let mut command = Command::new(program);
        command.args(["serve", "--take-over", "--config"]).arg(&self.config);
        if let Some(log) = self.log.to_possible_value() {
            command.args(["--log", log.get_name()]);
        }
        if self.ready_json {
            command.arg("--ready-json");
        }
        let successor = tokio::select! {
            started = running.successor(command) => started?,
            () = wishes.stop() => return Ok(None),
        };
        running.hand_over(successor).await.map(Some)
    }
}

async fn finish(running: Running, mut wishes: Wishes) -> Result<(), Failure> {
    tokio::select! {
        () = running.drain() => {}
        () = wishes.stop() => {}
    }
    Ok(())
}

/// What people are told when the composer serves.
struct Spoken {
    scheme: &'static str,
    token: Option<PathBuf>,
}

impl Spoken {
    fn of(config: &Config) -> Self {
        Self {
            scheme: if config.tls.is_some() { "https" } else { "http" },
            token: config.data_dir.as_ref().map(|dir| dir.join(FIRST_TOKEN)),
        }
    }

    fn say(&self, running: &Running) {
        let Self { scheme, token } = self;
        let Running { public, admin, .. } = running;
        let beside = if token.is_some() {
            "admin API, health and metrics"
        } else {
            "health and metrics"
        };
        eprintln!("marquetry serves {scheme}://{public}/ ({beside} at http://{admin}/)");
        // It stays only until somebody has put it into a safe place.
        if let Some(path) = token.as_ref().filter(|path| path.exists()) {
            let path = path.display();
            eprintln!("manage it with: marquetry status --admin http://{admin} --token-file {path}");
        }
    }
}

fn say_ready(public: SocketAddr, admin: SocketAddr) -> std::io::Result<()> {
    let id = std::process::id();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, r#"{{"listening":"{public}","admin":"{admin}","pid":{id}}}"#)?;
    stdout.flush()
}

impl From<Log> for telemetry::LogFormat {
    fn from(log: Log) -> Self {
        match log {
            Log::Auto => Self::Auto,
            Log::Text => Self::Text,
            Log::Json => Self::Json,
        }
    }
}
