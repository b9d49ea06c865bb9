//! All entries in memory, as they were sealed and as they are read.

use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

use crate::{
    chain::{ChainError, Head, Sealed},
    entry::{Entry, Revision},
};

/// Fewer entries than this are not worth a thread.
const LEAST_SHARE: usize = 500;

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
        lines.iter().try_for_each(|sealed| head.follow(sealed))?;
        let entries = read_all(&lines)?;
        let records = lines.into_iter().zip(entries);
        let records = records.map(|(sealed, entry)| Record { sealed, entry }).collect();
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
        let end = before
            .map_or(records.len(), |before| place(before).unwrap_or(0))
            .min(records.len());
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

/// Reading takes most of the time of a start, so all processors take part.
fn read_all(lines: &[Sealed]) -> Result<Vec<Arc<Entry>>, ChainError> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = lines.len().div_ceil(processors).max(LEAST_SHARE);
    let read = |lines: &[Sealed]| {
        lines
            .iter()
            .map(|sealed| sealed.entry().map(Arc::new))
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let shares: Vec<_> = lines
            .chunks(share)
            .map(|lines| scope.spawn(move || read(lines)))
            .collect();
        let read = shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_else(|panic| resume_unwind(panic)));
        read.collect()
    })
}

fn place(revision: Revision) -> Option<usize> {
    usize::try_from(revision.0.checked_sub(1)?).ok()
}
