//! The instances that announced themselves: leases that end, kept over a restart.

mod file;
mod table;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use contract::AppVersion;
use file::Known;
use tokio::{sync::Notify, task::spawn_blocking, time::Instant};
use tracing::{info, warn};

use table::Table;
pub(crate) use table::{LEASE, RENEW, TableError};

/// How long changes are gathered before they are written.
const WRITE_AFTER: Duration = Duration::from_millis(200);

/// All leases.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    table: Mutex<Table>,
    folder: Option<PathBuf>,
    changed: Notify,
    /// True while another process has the file, or is about to.
    held: AtomicBool,
    /// Held by the one who writes the file.
    writing: tokio::sync::Mutex<()>,
}

/// An instance of a version: the lease's id, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) origin: String,
}

impl Instances {
    /// Begins with the instances that `folder` knows of, each with a whole lease to announce itself again.
    pub(crate) fn open(folder: PathBuf) -> Self {
        Self {
            table: Mutex::new(table_of(&folder)),
            folder: Some(folder),
            ..Self::default()
        }
    }

    /// Begins anew with the instances that the folder knows of now.
    pub(crate) async fn read_again(&self) {
        let Some(folder) = self.folder.clone() else { return };
        if let Ok(read) = spawn_blocking(move || table_of(&folder)).await {
            *self.table() = read;
        }
    }

    /// Writes the file once more and leaves it to another process: nobody is taken here, or falls silent.
    pub(crate) async fn hold(&self) {
        self.held.store(true, Relaxed);
        self.write().await;
    }

    /// Goes on after [`hold`](Self::hold): the other process doesn't serve.
    pub(crate) fn go_on(&self) {
        self.held.store(false, Relaxed);
        self.changed.notify_one();
    }

    /// Takes an announcement; tells the lease's id and whether it is a new one.
    pub(crate) fn announce(&self, version: &AppVersion, origin: &str) -> Result<(String, bool), TableError> {
        if self.held.load(Relaxed) {
            return Err(TableError::Held);
        }
        let announced = self.table().announce(version, origin, Instant::now())?;
        if announced.is_new {
            info!(app.version = %version, origin, "instance announced itself");
            self.changed.notify_one();
        }
        Ok((announced.id, announced.is_new))
    }

    /// Ends a lease; tells the version that it was of.
    pub(crate) fn leave(&self, id: &str) -> Option<AppVersion> {
        let left = self.table().leave(id)?;
        info!(app.version = %left.version, origin = left.origin, "instance left");
        self.changed.notify_one();
        Some(left.version)
    }

    /// The version that the lease is of.
    pub(crate) fn version(&self, id: &str) -> Option<AppVersion> {
        self.table().get(id).map(|leased| leased.version.clone())
    }

    /// The instances of a version.
    pub(crate) fn of(&self, version: &AppVersion) -> Vec<Instance> {
        let table = self.table();
        let instances = table.of(version).map(|(id, leased)| Instance {
            id: id.to_owned(),
            origin: leased.origin.clone(),
        });
        instances.collect()
    }

    /// Every instance: its version, and where it is.
    pub(crate) fn all(&self) -> Vec<(AppVersion, String)> {
        let table = self.table();
        let instances = table
            .iter()
            .map(|(_, leased)| (leased.version.clone(), leased.origin.clone()));
        instances.collect()
    }

    /// Every version that has instances, each once.
    pub(crate) fn versions(&self) -> Vec<AppVersion> {
        let table = self.table();
        let mut versions: Vec<AppVersion> = table.iter().map(|(_, leased)| leased.version.clone()).collect();
        versions.sort_unstable_by_key(ToString::to_string);
        versions.dedup();
        versions
    }

    /// Ends what nobody has renewed; tells the versions that lost an instance.
    pub(crate) fn expire(&self) -> Vec<AppVersion> {
        if self.held.load(Relaxed) {
            return vec![];
        }
        let ended = self.table().expire(Instant::now());
        if !ended.is_empty() {
            self.changed.notify_one();
        }
        for leased in &ended {
            warn!(app.version = %leased.version, origin = leased.origin, "instance fell silent");
        }
        ended.into_iter().map(|leased| leased.version).collect()
    }

    /// Writes every change to the folder; never ends.
    pub(crate) async fn keep_file(&self) {
        loop {
            self.changed.notified().await;
            tokio::time::sleep(WRITE_AFTER).await;
            if !self.held.load(Relaxed) {
                self.write().await;
            }
        }
    }

    async fn write(&self) {
        let Some(folder) = self.folder.clone() else { return };
        let _writing = self.writing.lock().await;
        let known = self.known();
        let written = spawn_blocking(move || file::write(&folder, &known)).await;
        if let Ok(Err(error)) = written {
            warn!(%error, "instances can't be kept over a restart");
        }
    }

    fn known(&self) -> Vec<Known> {
        let table = self.table();
        let known = table.iter().map(|(_, leased)| Known {
            version: leased.version.clone(),
            origin: leased.origin.clone(),
        });
        known.collect()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn table_of(folder: &Path) -> Table {
    let known = file::read(folder).unwrap_or_else(|error| {
        warn!(%error, "the instances of before can't be read, those that live announce themselves again");
        vec![]
    });
    let mut table = Table::default();
    let now = Instant::now();
    for Known { version, origin } in known {
        if let Err(error) = table.announce(&version, &origin, now) {
            warn!(%error, "an instance of before is left out");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_restart_knows_the_instances_for_one_more_lease() {
        let folder = TempDir::new().unwrap();
        let version: AppVersion = "reviews@1.0.0".parse().unwrap();
        let before = Instances::open(folder.path().into());
        before.announce(&version, "http://127.0.0.1:4104").unwrap();
        let kept = async {
            while file::read(folder.path()).unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = before.keep_file() => {}
            () = kept => {}
        }
        let after = Instances::open(folder.path().into());
        assert_eq!(after.versions(), std::slice::from_ref(&version));
        assert_eq!(after.of(&version), before.of(&version));
        tokio::time::advance(LEASE).await;
        assert_eq!(after.expire(), [version]);
        assert_eq!(after.versions(), []);
    }
}
