//! The processes behind a browser: ChromeDriver, and the Chromium that it starts.

use anyhow::{Context, Result};
use fantoccini::wd::Capabilities;

use crate::{environment, process::Process};

/// How often a ChromeDriver is started that ends before it is ready.
const ATTEMPTS: usize = 8;

/// A ChromeDriver at a port of its own.
pub(super) struct Driver {
    _process: Process,
    port: u16,
}

impl Driver {
    /// Starts one. It takes any free port of IPv6 and then the same one of IPv4, and ends where somebody
    /// has that: then another is started.
    pub(super) async fn start() -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::start_once().await {
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => attempt += 1,
                started => return started,
            }
        }
    }

    async fn start_once() -> Result<Self> {
        let mut process = Process::start(&environment::chromedriver()?, |command| {
            command.arg("--port=0");
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
    let port = line.split_once("started successfully on port ")?.1;
    port.trim_end_matches('.').parse().ok()
}

/// The browser's main process, which ends all the others with it.
pub(super) struct Chrome {
    id: u32,
}

impl Chrome {
    pub(super) fn of(capabilities: Option<&Capabilities>) -> Result<Self> {
        let id = capabilities.and_then(|all| all.get("goog:processID"));
        let id = id
            .and_then(serde_json::Value::as_u64)
            .context("ChromeDriver doesn't say which process it started")?;
        Ok(Self { id: u32::try_from(id)? })
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // Gone already is as good; nobody is left to tell otherwise.
        let _ = std::process::Command::new("kill")
            .args(["-s", "KILL", &self.id.to_string()])
            .status();
    }
}
