//! Composers that take each other's place: who serves now, and what is left of those before.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::{
    composer::Composer,
    wait::{PATIENCE, until},
};

/// The composers after the first one, which isn't their parent any more; the last one is killed when this is dropped.
pub struct Succession {
    first: u32,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Ready {
    pid: u32,
}

impl Succession {
    /// Begins with a composer.
    pub fn of(composer: &Composer) -> Self {
        Self {
            first: composer.process.id(),
            ids: vec![],
        }
    }

    /// The one that serves now.
    pub fn current(&self) -> u32 {
        self.ids.last().copied().unwrap_or(self.first)
    }

    /// Tells the one that serves to hand over, and waits until the next one says that it serves.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn next(&mut self, composer: &mut Composer) -> Result<u32> {
        signal(self.current(), "USR2").await?;
        let pid = |line: &str| serde_json::from_str::<Ready>(line).ok().map(|ready| ready.pid);
        let id = composer.process.ready(pid).await?;
        ensure!(id != self.current(), "the same process serves");
        self.ids.push(id);
        Ok(id)
    }

    /// Waits until all but the one that serves have ended. The first one has to be waited for by its test before.
    ///
    /// # Errors
    /// When one doesn't.
    pub async fn others_ended(&self, limit: Duration) -> Result<()> {
        for id in &self.ids[..self.ids.len().saturating_sub(1)] {
            ended(*id, limit).await?;
        }
        Ok(())
    }

    /// Stops the one that serves, and waits until it has ended.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn stop(&mut self) -> Result<()> {
        let id = self.current();
        signal(id, "TERM").await?;
        ended(id, PATIENCE).await?;
        self.ids.clear();
        Ok(())
    }
}

impl Drop for Succession {
    fn drop(&mut self) {
        for id in &self.ids {
            if runs(*id) {
                // Nobody else ends it; that it is gone meanwhile is as well.
                let _ = std::process::Command::new("kill")
                    .args(["-9", &id.to_string()])
                    .status();
            }
        }
    }
}

/// Sends a process a signal by its name.
///
/// # Errors
/// When it can't be sent.
pub async fn signal(id: u32, signal: &str) -> Result<()> {
    let status = Command::new("kill")
        .args(["-s", signal, &id.to_string()])
        .status()
        .await;
    ensure!(
        status.context("can't run kill")?.success(),
        "can't send {signal} to {id}"
    );
    Ok(())
}

async fn ended(id: u32, limit: Duration) -> Result<()> {
    until(limit, &format!("process {id} has ended"), async || {
        Ok((!runs(id)).then_some(()))
    })
    .await
}

/// A zombie has ended: whoever adopted it may not have looked yet.
fn runs(id: u32) -> bool {
    let path = PathBuf::from(format!("/proc/{id}/stat"));
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.starts_with('Z'));
    state == Some(false)
}
