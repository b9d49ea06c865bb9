//! The store of one machine: a SQLite file, shared by all composers on it.

mod connection;
mod rebuild;
mod salvage;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::watch, task::spawn_blocking, time};

use self::connection::Connection;
use super::{Answer, Cause, Store, StoreError};
use crate::{
    chain::{Head, Sealed},
    disk::{self, FileId},
    lock,
};

/// How often it is asked whether others have appended.
const POLL: Duration = Duration::from_millis(250);

/// Entries in one table of a SQLite file, in WAL mode with `synchronous=FULL`.
#[derive(Debug)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    max_pages: Option<u32>,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    connection: Option<Connection>,
    /// The file that was last opened, or tried.
    seen: Option<FileId>,
}

impl SqliteStore {
    /// Uses the file at `path`, which is opened, or made, when it is needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::build(path.into(), None)
    }

    /// The same with a limit for the file's size, in pages of 16 KiB.
    pub fn with_max_pages(path: impl Into<PathBuf>, max_pages: u32) -> Self {
        Self::build(path.into(), Some(max_pages))
    }

    fn build(path: PathBuf, max_pages: Option<u32>) -> Self {
        let slot = Mutex::default();
        let shared = Arc::new(Shared { path, max_pages, slot });
        Self { shared }
    }

    /// Does `job` where it may block.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        match spawn_blocking(move || job(&shared)).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::Unavailable(error.into())),
        }
    }

    /// Does `job` while no other process writes, or puts another file in its place.
    async fn run_alone<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = disk::folder_of(&self.shared.path);
        let held: File = lock::lock(folder).await.map_err(unavailable)?;
        self.run(move |shared| {
            let result = job(shared);
            drop(held);
            result
        })
        .await
    }
}

impl Store for SqliteStore {
    fn read(&self, after: Head) -> Answer<'_, Result<Vec<Sealed>, StoreError>> {
        Box::pin(self.run_alone(move |shared| shared.read(after)))
    }

    fn probe(&self) -> Answer<'_, Result<(), StoreError>> {
        Box::pin(self.run_alone(|shared| {
            shared.with(|connection| match connection {
                Some(connection) => connection.probe(),
                None => Ok(()),
            })
        }))
    }

    fn append(&self, head: Head, sealed: Sealed) -> Answer<'_, Result<(), StoreError>> {
        Box::pin(self.run_alone(move |shared| shared.append(head, &sealed)))
    }

    fn watch(&self) -> watch::Receiver<u64> {
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(poll(Arc::downgrade(&self.shared), sender));
        receiver
    }

    fn salvage(&self) -> Answer<'_, Vec<Sealed>> {
        Box::pin(async move { self.run(|shared| Ok(shared.salvage())).await.unwrap_or_default() })
    }

    fn rebuild<'a>(&'a self, evidence: &'a Path, entries: Arc<[Sealed]>) -> Answer<'a, Result<bool, StoreError>> {
        let evidence = evidence.to_owned();
        Box::pin(self.run_alone(move |shared| shared.rebuild(&evidence, &entries)))
    }
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, after: Head) -> Result<Vec<Sealed>, StoreError> {
        self.with(|connection| match connection {
            Some(connection) => connection.read(after),
            None if after == Head::default() && !rebuild::has_remains(&self.path) => Ok(vec![]),
            None => Err(gone(&self.path)),
        })
    }

    fn append(&self, head: Head, sealed: &Sealed) -> Result<(), StoreError> {
        let begins = head == Head::default() && !rebuild::has_remains(&self.path);
        if begins && self.file_id()?.is_none() {
            rebuild::make(&self.path, &[])?;
        }
        self.with(|connection| match connection {
            Some(connection) => connection.append(head, sealed),
            None => Err(gone(&self.path)),
        })
    }

    fn salvage(&self) -> Vec<Sealed> {
        let mut slot = self.slot();
        if let Some(connection) = slot.connection.take() {
            connection.leave_as_it_is();
        }
        salvage::salvage(&self.path)
    }

    fn rebuild(&self, evidence: &Path, entries: &[Sealed]) -> Result<bool, StoreError> {
        let mut slot = self.slot();
        let now = self.file_id()?;
        if now != slot.seen {
            slot.connection = None;
            slot.seen = now;
            return Err(StoreError::Conflict);
        }
        if let Some(connection) = slot.connection.take() {
            connection.leave_as_it_is();
        }
        let moved = rebuild::replace(&self.path, evidence, entries)?;
        slot.seen = self.file_id()?;
        Ok(moved)
    }

    /// Opens the file if it isn't open, or is another by now. A connection that failed is not used again.
    fn with<T>(&self, job: impl FnOnce(Option<&mut Connection>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut slot = self.slot();
        let now = self.file_id()?;
        if now != slot.seen {
            slot.connection = None;
            slot.seen = now;
        }
        if now.is_some() && slot.connection.is_none() {
            slot.connection = Some(Connection::open(&self.path, self.max_pages)?);
        }
        let result = job(slot.connection.as_mut());
        match (&result, slot.connection.take()) {
            (Err(StoreError::Damaged(_)), Some(connection)) => connection.leave_as_it_is(),
            (Err(StoreError::Unavailable(_)), _) => {}
            (_, connection) => slot.connection = connection,
        }
        result
    }

    fn file_id(&self) -> Result<Option<FileId>, StoreError> {
        let metadata = disk::file_at(&self.path).map_err(unavailable)?;
        Ok(metadata.as_ref().map(FileId::from))
    }

    /// What changes when others append: the file, or what SQLite counts for it.
    fn pulse(&self) -> Option<(FileId, i64)> {
        let mut slot = self.slot();
        let now = self.file_id().ok().flatten()?;
        let same = slot.seen == Some(now);
        let open = slot.connection.as_mut().filter(|_| same);
        let version = open.and_then(|connection| connection.data_version().ok());
        Some((now, version.unwrap_or_default()))
    }
}

async fn poll(shared: Weak<Shared>, sender: watch::Sender<u64>) {
    let mut last = None;
    loop {
        tokio::select! {
            () = sender.closed() => return,
            () = time::sleep(POLL) => {}
        }
        let Some(shared) = shared.upgrade() else { return };
        let Ok(pulse) = spawn_blocking(move || shared.pulse()).await else {
            return;
        };
        if pulse != last {
            last = pulse;
            sender.send_modify(|count| *count += 1);
        }
    }
}

fn gone(path: &Path) -> StoreError {
    StoreError::Damaged(format!("`{}` is gone", path.display()).into())
}

fn unavailable(cause: impl Into<Cause>) -> StoreError {
    StoreError::Unavailable(cause.into())
}

fn damaged(cause: impl Into<Cause>) -> StoreError {
    StoreError::Damaged(cause.into())
}
