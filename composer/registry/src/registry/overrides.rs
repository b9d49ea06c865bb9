//! Versions that only one developer sees: stored and checked as others, and nowhere in the ledger.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use contract::{AppVersion, admin::VersionFile};
use tokio::task::spawn_blocking;

use super::{Inner, Registry};
use crate::{
    assets::StoredAsset,
    packed::LoadedApp,
    refused::OverrideError,
    verify::{self, Name},
};

/// What stands between the manifest's version and what is the override's own: `1.4.2-dev.ab12.3`.
const MARK: &str = "-dev.";

/// Bytes of all files of an override together: they are in memory as long as it lasts.
const MAX_BYTES: u64 = 64 << 20;

/// Overrides that somebody still holds.
#[derive(Debug, Default)]
pub(super) struct Overrides(Mutex<HashMap<AppVersion, Weak<LoadedApp>>>);

impl Overrides {
    pub(super) fn asset(&self, digest: &str, file: &str) -> Option<Arc<StoredAsset>> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut apps = open.values().filter_map(Weak::upgrade);
        apps.find_map(|app| {
            let asset = app
                .assets
                .iter()
                .find(|asset| asset.digest == digest && asset.file == file);
            asset.cloned()
        })
    }

    fn add(&self, version: AppVersion, app: &Arc<LoadedApp>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, app| app.strong_count() > 0);
        open.insert(version, Arc::downgrade(app));
    }
}

impl Registry {
    /// Loads a developer's version out of files that were put, as checked as a published one. It is called `version`, which is the
    /// manifest's version with `-dev.…` behind it and must never stand for other files. [`Registry::asset`] finds its assets as long
    /// as it is held.
    ///
    /// # Errors
    /// When files are missing, or something is wrong with them.
    pub async fn load_override(
        &self,
        version: AppVersion,
        files: Vec<VersionFile>,
    ) -> Result<Arc<LoadedApp>, OverrideError> {
        let stored = self.0.stored.as_ref().ok_or(OverrideError::Fixed)?;
        let _place = stored.checks.acquire().await;
        let inner = Arc::clone(&self.0);
        let task = spawn_blocking(move || inner.load_override(&version, &files));
        task.await.unwrap_or(Err(OverrideError::Ended))
    }
}

impl Inner {
    fn load_override(&self, version: &AppVersion, files: &[VersionFile]) -> Result<Arc<LoadedApp>, OverrideError> {
        let stored = self.stored.as_ref().ok_or(OverrideError::Fixed)?;
        verify::list(version, files, MAX_BYTES).map_err(OverrideError::Findings)?;
        let _keep = stored.blobs.keep()?;
        let missing = stored.blobs.missing(files);
        if !missing.is_empty() {
            return Err(OverrideError::Missing(missing));
        }
        let prefix = &self.current.load().compositions.library.prefix;
        let loaded = verify::contents(version, &Name::Before(MARK), files, &stored.blobs, prefix);
        let loaded = loaded.map_err(|findings| match stored.blobs.missing(files) {
            missing if missing.is_empty() => OverrideError::Findings(findings),
            missing => OverrideError::Missing(missing),
        })?;
        let loaded = Arc::new(loaded.renamed(&version.version));
        stored.overrides.add(version.clone(), &loaded);
        Ok(loaded)
    }
}
