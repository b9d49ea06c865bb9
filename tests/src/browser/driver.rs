//! The processes behind a browser: its driver, and the browser that this starts.

use anyhow::{Context, Result};
use fantoccini::wd::Capabilities;

use super::Kind;
use crate::{environment, process::Process};

/// How often a driver is started that ends before it is ready.
const ATTEMPTS: usize = 8;

/// A driver at a port of its own.
pub(super) struct Driver {
    _process: Process,
    port: u16,
}

impl Driver {
    /// Starts one. ChromeDriver takes any free port of IPv6 and then the same one of IPv4, and ends where
    /// somebody has that: then another is started.
    pub(super) async fn start(kind: Kind) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::start_once(kind).await {
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => attempt += 1,
                started => return started,
            }
        }
    }

    async fn start_once(kind: Kind) -> Result<Self> {
        let (program, more): (_, &[&str]) = match kind {
            Kind::Chromium => (environment::chromedriver()?, &[]),
            Kind::Firefox => (
                environment::geckodriver()?,
                &["--websocket-port=0", "--allow-system-access"],
            ),
        };
        let mut process = Process::start(&program, |command| {
            command.arg("--port=0").args(more);
        })?;
        let port = process.ready(port_in).await?;
        Ok(Self {
            _process: process,
            port,
        })
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, chromium) = line.split_once("started successfully on port ").unwrap_or_default();
    let (_, firefox) = line.split_once("Listening on 127.0.0.1:").unwrap_or_default();
    [chromium, firefox]
        .into_iter()
        .find_map(|port| port.trim_end_matches('.').parse().ok())
}

/// The browser's main process, which ends all the others with it.
pub(super) struct Main {
    id: u32,
}

impl Main {
    pub(super) fn of(capabilities: Option<&Capabilities>) -> Result<Self> {
        let names = ["goog:processID", "moz:processID"];
        let id = capabilities.and_then(|all| names.into_iter().find_map(|name| all.get(name)));
        let id = id
            .and_then(serde_json::Value::as_u64)
            .context("the driver doesn't say which process it started")?;
        Ok(Self { id: u32::try_from(id)? })
    }
}

impl Drop for Main {
    fn drop(&mut self) {
        // Gone already is as good; nobody is left to tell otherwise.
        let _ = std::process::Command::new("kill")
            .args(["-s", "KILL", &self.id.to_string()])
            .status();
    }
}
