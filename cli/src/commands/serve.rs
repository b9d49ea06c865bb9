//! `marquetry serve`: composes pages until it is told to stop.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use composer_server::{Config, StopSignal, config, start, telemetry};

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
}

const EXAMPLES: &str = "\
Examples:
  marquetry serve
  marquetry serve --config deploy/composer.toml --log json
  MARQUETRY_LISTEN=127.0.0.1:0 MARQUETRY_ADMIN_LISTEN=127.0.0.1:0 marquetry serve --ready-json

SIGTERM and SIGINT stop it: it takes nothing new, finishes what runs within `drain_ms`, and ends.
A second one ends it at once.";

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
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads)
            .enable_all()
            .build()
            .map_err(Failure::Threads)?;
        runtime.block_on(self.serve(config))
    }

    async fn serve(&self, config: Config) -> Result<(), Failure> {
        // Before anybody can learn that it serves, or a quick stop would end it halfway.
        let mut stop = StopSignal::new().map_err(Failure::Signals)?;
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let token = config.data_dir.as_ref().map(|dir| dir.join(FIRST_TOKEN));
        let running = start(config).await?;
        let admin = running.admin;
        let beside = if token.is_some() {
            "admin API, health and metrics"
        } else {
            "health and metrics"
        };
        eprintln!(
            "marquetry serves {scheme}://{}/ ({beside} at http://{admin}/)",
            running.public
        );
        // It stays only until somebody has put it into a safe place.
        if let Some(path) = token.filter(|path| path.exists()) {
            let path = path.display();
            eprintln!("manage it with: marquetry status --admin http://{admin} --token-file {path}");
        }
        if self.ready_json {
            say_ready(running.public, running.admin).map_err(Failure::Stdout)?;
        }
        stop.received().await;
        tokio::select! {
            () = running.drain() => {}
            () = stop.received() => {}
        }
        Ok(())
    }
}

fn say_ready(public: SocketAddr, admin: SocketAddr) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, r#"{{"listening":"{public}","admin":"{admin}"}}"#)?;
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
