//! The registry: what is published, what is live, and the one way in which that changes.

mod fixed;

use std::{fmt, path::Path, sync::Arc};

use arc_swap::ArcSwap;
use composer_ledger::Revision;
use contract::Prefix;
use tokio::sync::watch;

use crate::{
    assets::StoredAsset,
    snapshot::{AppSource, Snapshot, SnapshotError},
};

/// The registry; a clone is the same one.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

pub(crate) struct Inner {
    current: ArcSwap<Snapshot>,
    changes: watch::Sender<Revision>,
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
        let snapshot = fixed::snapshot(apps, shell_dir, prefix, max_asset_bytes)?;
        Ok(Self(Arc::new(Inner {
            changes: watch::Sender::new(snapshot.revision()),
            current: ArcSwap::from_pointee(snapshot),
        })))
    }

    /// What is served at this moment; a request keeps the one it began with.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    /// Tells each time that another snapshot is served.
    pub fn changes(&self) -> watch::Receiver<Revision> {
        self.0.changes.subscribe()
    }

    /// The asset at `/_m/assets/<digest>/<file>`, of any version that is published.
    pub async fn asset(&self, digest: &str, file: &str) -> Option<Arc<StoredAsset>> {
        self.snapshot().asset(digest, file).cloned()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("revision", &self.snapshot().revision())
            .finish_non_exhaustive()
    }
}
