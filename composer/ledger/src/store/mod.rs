//! Where entries are kept so that they count as done.

mod sqlite;

use std::{fmt, path::Path, pin::Pin, sync::Arc};

use tokio::sync::watch;

use crate::chain::{Head, Sealed};

pub use sqlite::SqliteStore;

/// What a store gives in time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps sealed entries in order, for one composer or several.
pub trait Store: Send + Sync + fmt::Debug {
    /// All entries after `after`, in order; [`StoreError::Damaged`] when `after` itself is not in the store.
    fn read(&self, after: Head) -> Answer<'_, Result<Vec<Sealed>, StoreError>>;

    /// Appends the entry that follows `head`. Once it is `Ok`, the entry is on disk and is never lost.
    fn append(&self, head: Head, sealed: Sealed) -> Answer<'_, Result<(), StoreError>>;

    /// Tells whether an entry could be appended now, by writing something that means nothing. Asked after a failure only.
    fn probe(&self) -> Answer<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    /// Changes whenever somebody else may have appended; at the latest within 250 ms. The watching ends with the last receiver.
    fn watch(&self) -> watch::Receiver<u64>;

    /// What can still be read of a damaged store: in any order, unchecked.
    fn salvage(&self) -> Answer<'_, Vec<Sealed>> {
        Box::pin(async { vec![] })
    }

    /// Moves what is there to the folder `evidence`, if anything is, and begins anew with `entries`, whole or not at all.
    /// Tells whether there was anything to move.
    ///
    /// [`StoreError::Conflict`] when another process has replaced the store since it was last read.
    fn rebuild<'a>(&'a self, evidence: &'a Path, entries: Arc<[Sealed]>) -> Answer<'a, Result<bool, StoreError>> {
        let _ = (evidence, entries);
        Box::pin(async { Err(StoreError::Unavailable("the store looks after itself".into())) })
    }
}

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another entry follows already; read on.
    #[error("another entry was appended first")]
    Conflict,
    /// Not now: the disk is full or can't be written, or somebody holds the store.
    #[error("the store can't be used")]
    Unavailable(#[source] Cause),
    /// What is stored is not what was stored.
    #[error("the store is damaged")]
    Damaged(#[source] Cause),
}

/// What a store's own errors are.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
