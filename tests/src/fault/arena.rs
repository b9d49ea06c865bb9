//! Where a game day is played: a platform with one good app, and two versions of one that breaks.

use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{
    FaultServer,
    stage::{SHORT, open_host, packed},
};
use crate::{
    composer::Config,
    registry::{Admin, Announced, Platform},
};

/// Both versions of the app that breaks.
pub const FAULTY: [&str; 2] = ["faulty@1.0.0", "faulty@1.1.0"];

/// A running platform.
pub struct Arena {
    /// The composer and its ledger.
    pub platform: Platform,
    /// Its admin API.
    pub admin: Admin,
    /// The BFF of `host`.
    pub host: FaultServer,
    /// The BFFs of [`FAULTY`].
    pub faulty: [FaultServer; 2],
    log: PathBuf,
    _announced: Vec<Announced>,
    _folder: TempDir,
}

impl Arena {
    /// Starts it with all versions published, and the first of each live.
    ///
    /// # Errors
    /// When something doesn't start or is refused.
    pub async fn start(config: Config) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("composer.log");
        let platform = Platform::with(config.log_to(&log)).await?;
        let admin = platform.admin()?;
        admin.team("all", &["host", "faulty"]).await?;
        let host = FaultServer::start().await?;
        let faulty = [FaultServer::start().await?, FaultServer::start().await?];
        open_host(&host);
        let versions = [("host@1.0.0", &host), (FAULTY[0], &faulty[0]), (FAULTY[1], &faulty[1])];
        let mut announced = Vec::new();
        for (version, bff) in versions {
            admin
                .publish(version, &packed(folder.path(), version, SHORT).await?)
                .await?;
            announced.push(admin.announce(version, &bff.origin()).await?);
        }
        admin.release(&["host@1.0.0", FAULTY[0]]).await?;
        Ok(Self {
            platform,
            admin,
            host,
            faulty,
            log,
            _announced: announced,
            _folder: folder,
        })
    }

    /// What the composer has logged.
    ///
    /// # Errors
    /// When its log can't be read.
    pub fn log(&self) -> Result<String> {
        let log = std::fs::read(&self.log).with_context(|| format!("can't read {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }
}
