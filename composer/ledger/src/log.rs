//! All entries in memory, as they were sealed and as they are read.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{
    chain::{ChainError, Head, Sealed},
    entry::{Entry, Revision},
};

/// A chain from its first entry on; nothing gets in that doesn't follow.
#[derive(Debug, Default)]
pub(crate) struct Log {
    records: RwLock<Vec<Record>>,
}

#[derive(Debug, Clone)]
struct Record {
    sealed: Sealed,
    entry: Arc<Entry>,
}

impl Log {
    /// Checks and reads a whole chain.
    pub(crate) fn from_chain(lines: Vec<Sealed>) -> Result<Self, ChainError> {
        let mut head = Head::default();
        let read = |sealed: Sealed| {
            head.follow(&sealed)?;
            let entry = Arc::new(sealed.entry()?);
            Ok(Record { sealed, entry })
        };
        let records = lines.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let records = RwLock::new(records);
        Ok(Self { records })
    }

    /// Takes in the entry that follows.
    pub(crate) fn push(&self, sealed: Sealed) -> Result<Arc<Entry>, ChainError> {
        self.head().follow(&sealed)?;
        let entry = Arc::new(sealed.entry()?);
        let kept = Arc::clone(&entry);
        self.write().push(Record { sealed, entry });
        Ok(kept)
    }

    /// Becomes what `other` is.
    pub(crate) fn replace(&self, other: &Self) {
        let records = other.read().clone();
        *self.write() = records;
    }

    pub(crate) fn head(&self) -> Head {
        self.read()
            .last()
            .map(|record| record.sealed.head())
            .unwrap_or_default()
    }

    /// The entry under a number.
    pub(crate) fn entry(&self, revision: Revision) -> Option<Arc<Entry>> {
        let at = place(revision)?;
        self.read().get(at).map(|record| Arc::clone(&record.entry))
    }

    /// The same as it was sealed.
    pub(crate) fn sealed(&self, revision: Revision) -> Option<Sealed> {
        let at = place(revision)?;
        self.read().get(at).map(|record| record.sealed.clone())
    }

    /// All as they were sealed.
    pub(crate) fn chain(&self) -> Arc<[Sealed]> {
        self.read().iter().map(|record| record.sealed.clone()).collect()
    }

    /// All entries, oldest first.
    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.read().iter().map(|record| Arc::clone(&record.entry)).collect()
    }

    /// Up to `limit` entries before a number that `wanted` holds for, newest first.
    pub(crate) fn before(
        &self,
        before: Option<Revision>,
        limit: usize,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<Arc<Entry>> {
        let records = self.read();
        let end = before.and_then(place).unwrap_or(records.len()).min(records.len());
        let found = records[..end].iter().rev().map(|record| &record.entry);
        found.filter(|entry| wanted(entry)).take(limit).cloned().collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Record>> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Record>> {
        self.records.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(revision: Revision) -> Option<usize> {
    usize::try_from(revision.0.checked_sub(1)?).ok()
}
