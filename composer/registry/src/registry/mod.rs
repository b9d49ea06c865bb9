//! The registry: what is published, what is live, and the one way in which that changes.

mod act;
mod attic;
mod build;
mod collect;
mod fixed;
mod open;
mod overrides;
mod publish;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use composer_ledger::{Ledger, Revision};
use contract::{
    Prefix,
    admin::{Finding, Sha256},
};
use tokio::sync::{Semaphore, watch};

use crate::{
    assets::StoredAsset,
    blobs::{BlobError, Blobs},
    refused::ActError,
    snapshot::{AppSource, Snapshot, SnapshotError},
};
use attic::Attic;
use overrides::Overrides;

pub use act::Done;
pub use open::Settings;

/// Files that are put at the same time.
const PUTS: usize = 8;
/// Versions that are checked at the same time.
const CHECKS: usize = 2;

/// The registry; a clone is the same one.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

/// Fixed apps that were loaded and fit together.
#[derive(Debug)]
pub struct FixedApps(Snapshot);

struct Inner {
    current: ArcSwap<Snapshot>,
    changes: watch::Sender<Revision>,
    stored: Option<Stored>,
}

/// What a registry has whose apps aren't fixed.
struct Stored {
    ledger: Ledger,
    blobs: Arc<Blobs>,
    platform: Vec<Arc<StoredAsset>>,
    max_asset_bytes: u64,
    /// Held by the one who acts.
    turn: tokio::sync::Mutex<()>,
    waiting: Semaphore,
    puts: Semaphore,
    checks: Semaphore,
    attic: Attic,
    overrides: Overrides,
    /// Why what is served isn't what the ledger says.
    trouble: Mutex<Vec<Finding>>,
}

impl Registry {
    /// A registry of fixed apps: nothing is published, and nothing changes.
    ///
    /// # Errors
    /// All folders that can't be loaded; else all rules broken between them.
    pub fn fixed(
        apps: &[AppSource],
        shell_dir: Option<&Path>,
        prefix: &Prefix,
        max_asset_bytes: u64,
    ) -> Result<Self, SnapshotError> {
        let FixedApps(snapshot) = Self::load_fixed(apps, shell_dir, prefix, max_asset_bytes)?;
        Ok(Self(Arc::new(Inner {
            changes: watch::Sender::new(snapshot.revision()),
            current: ArcSwap::from_pointee(snapshot),
            stored: None,
        })))
    }

    /// Loads fixed apps, which may be served instead of others.
    ///
    /// # Errors
    /// All folders that can't be loaded; else all rules broken between them.
    pub fn load_fixed(
        apps: &[AppSource],
        shell_dir: Option<&Path>,
        prefix: &Prefix,
        max_asset_bytes: u64,
    ) -> Result<FixedApps, SnapshotError> {
        fixed::snapshot(apps, shell_dir, prefix, max_asset_bytes).map(FixedApps)
    }

    /// Serves other fixed apps from now on; nothing happens where apps are published.
    pub fn serve_fixed(&self, apps: FixedApps) {
        if self.0.stored.is_none() {
            self.0.serve(apps.0);
        }
    }

    /// What is served at this moment; a request keeps the one it began with.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    /// Tells each time that another snapshot is served.
    pub fn changes(&self) -> watch::Receiver<Revision> {
        self.0.changes.subscribe()
    }

    /// The ledger; `None` where apps are fixed.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.0.stored.as_ref().map(|stored| &stored.ledger)
    }

    /// Why what is served isn't what the ledger says; empty when it is.
    pub fn trouble(&self) -> Vec<Finding> {
        self.0.stored.as_ref().map(Stored::trouble).unwrap_or_default()
    }

    /// Stores a file under its SHA-256; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the bytes are others than `sha256` says, too many, or don't fit on the disk.
    pub async fn put_blob(&self, sha256: &Sha256, bytes: Bytes) -> Result<(), BlobError> {
        let (registry, sha256) = (self.clone(), sha256.clone());
        // A task of its own: who asked may go away.
        let task = tokio::spawn(async move {
            let stored = registry.0.stored.as_ref().ok_or(BlobError::Fixed)?;
            let _place = stored.puts.acquire().await;
            let blobs = Arc::clone(&stored.blobs);
            let put = tokio::task::spawn_blocking(move || blobs.put(&sha256, &bytes));
            put.await.unwrap_or(Err(BlobError::Ended))
        });
        task.await.unwrap_or(Err(BlobError::Ended))
    }
}

impl Inner {
    fn stored(&self) -> Result<&Stored, ActError> {
        self.stored.as_ref().ok_or(ActError::Fixed)
    }

    fn serve(&self, snapshot: Snapshot) {
        let revision = snapshot.revision();
        self.current.store(Arc::new(snapshot));
        self.changes.send_replace(revision);
    }
}

impl Stored {
    fn trouble(&self) -> Vec<Finding> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, findings: Vec<Finding>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = findings;
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("revision", &self.snapshot().revision())
            .finish_non_exhaustive()
    }
}
