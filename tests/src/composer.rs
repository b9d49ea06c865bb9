//! The composer as people start it: `marquetry serve`, at ports of its own.

use std::{
    fmt::Write,
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    client::{self, Call},
    environment,
    process::Process,
};

/// The `composer.toml` of a test.
#[derive(Debug, Clone)]
pub struct Config {
    text: String,
    tables: String,
    apps: String,
    log: Option<PathBuf>,
}

/// A running composer; dropping it kills it.
pub struct Composer {
    /// The process.
    pub process: Process,
    address: SocketAddr,
    admin: SocketAddr,
    folder: TempDir,
}

#[derive(Deserialize)]
struct Ready {
    listening: SocketAddr,
    admin: SocketAddr,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            text: "listen = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n".into(),
            tables: String::new(),
            apps: String::new(),
            log: None,
        }
    }
}

impl Config {
    /// Adds a packed app and where its BFF listens.
    #[must_use]
    pub fn app(mut self, folder: &Path, origin: &str) -> Self {
        let _ = writeln!(
            self.apps,
            "\n[[apps]]\ndir = {:?}\norigins = [{origin:?}]",
            folder.display().to_string()
        );
        self
    }

    /// Listens where one before it did.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        let line = format!("listen = \"{address}\"\n");
        self.text = self.text.replacen("listen = \"127.0.0.1:0\"\n", &line, 1);
        self
    }

    /// Serves the admin API at an address that the test knows before.
    #[must_use]
    pub fn admin(mut self, address: &str) -> Self {
        let line = format!("admin_listen = {address:?}");
        self.text = self.text.replace("admin_listen = \"127.0.0.1:0\"", &line);
        self
    }

    /// Writes its log to a file, not to the test's own output.
    #[must_use]
    pub fn log_to(mut self, file: &Path) -> Self {
        self.log = Some(file.to_owned());
        self
    }

    /// Adds tables.
    #[must_use]
    pub fn tables(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self.tables.push('\n');
        self
    }

    /// The whole file. A machine that is busy with other tests is no overload, unless the test says what is.
    fn whole(&self) -> String {
        let whole = format!("{}{}{}", self.text, self.tables, self.apps);
        if whole.contains("[limits]") {
            return whole;
        }
        whole + "\n[limits]\nqueue_ms = 10000\n"
    }

    /// Adds lines above the tables.
    #[must_use]
    pub fn line(mut self, line: &str) -> Self {
        self.text.push_str(line);
        self.text.push('\n');
        self
    }
}

impl Composer {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// When it doesn't start; its log is in the test's output.
    pub async fn start(config: &Config) -> Result<Self> {
        Self::start_under(config, &[]).await
    }

    /// Starts one as the child of another program, which gets its command line after these words.
    ///
    /// # Errors
    /// When it doesn't start; its log is in the test's output.
    pub async fn start_under(config: &Config, words: &[String]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("composer.toml");
        std::fs::write(&file, config.whole())?;
        let own = environment::program("marquetry")?;
        let program = words.first().map_or(own.as_path(), Path::new);
        let log = config.log.as_ref().map(File::create).transpose()?;
        let mut process = Process::start(program, |command| {
            if let Some(log) = log {
                command.stderr(log);
            }
            if !words.is_empty() {
                command.args(&words[1..]).arg(&own);
            }
            command.arg("serve").arg("--config").arg(&file).arg("--ready-json");
        })?;
        let ready = process.ready(|line| serde_json::from_str::<Ready>(line).ok()).await?;
        Ok(Self {
            process,
            address: ready.listening,
            admin: ready.admin,
            folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells of its health.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Its `composer.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join("composer.toml")
    }

    /// The whole address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A `GET` of a path.
    pub fn get(&self, path: &str) -> Call {
        client::get(self.address, path)
    }
}

/// Packs `source` into the version folder `out`, with `marquetry pack`; no `assets` are an empty folder.
///
/// # Errors
/// When the source breaks a rule; the breaches are in the error.
pub async fn pack(source: &Path, assets: Option<&Path>, out: &Path) -> Result<()> {
    let none = tempfile::tempdir()?;
    let mut command = Command::new(environment::program("marquetry")?);
    command.arg("pack").arg(source).arg("--out").arg(out);
    command.arg("--assets").arg(assets.unwrap_or(none.path()));
    let done = command.output().await.context("can't run marquetry pack")?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
