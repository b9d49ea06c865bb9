//! The way in: opens the ledger, takes acts, tells what they add up to.

mod inner;
mod keep;

use std::{path::Path, sync::Arc};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    act::Act,
    chain::ChainError,
    entry::{Actor, Entry, Revision},
    health::Health,
    refusal::Refusal,
    state::State,
    store::Store,
};

use inner::Inner;

/// More entries are not taken.
pub const MAX_ENTRIES: u64 = 1_000_000;

/// The ledger of a composer, kept up to date until it is dropped.
#[derive(Debug)]
pub struct Ledger {
    inner: Arc<Inner>,
    keeper: JoinHandle<()>,
}

/// Why the ledger can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the store nor the journal can be read.
    #[error(
        "the ledger's store can't be opened, and no journal tells what was in it: {why}; make the data folder readable and writable"
    )]
    Nothing {
        /// What is wrong.
        why: String,
    },
    /// A newer Marquetry has written it.
    #[error("the ledger can't be read")]
    Newer(#[source] ChainError),
}

/// Why an act was not done. Nothing of it is done then.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else was faster; what they did is known here by now.
    #[error("the ledger has gone on from revision {seen} to {now}; check the act against the new state and try again")]
    Conflict {
        /// The revision that the act was checked against.
        seen: Revision,
        /// The newest.
        now: Revision,
    },
    /// The act may not be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store can't be written.
    #[error("the act is not done: {why}; what is live stays as it is, try again once the data folder can be written")]
    Unavailable {
        /// What is wrong.
        why: String,
    },
    /// The store is damaged, and could not be rebuilt yet.
    #[error(
        "the act is not done: {why}; what is live stays as it is, and the store is rebuilt by itself once the data folder can be written"
    )]
    Damaged {
        /// What is wrong.
        why: String,
    },
    /// The act doesn't fit into an entry.
    #[error("the act is not done: its entry would have more than {most} bytes; do it in several acts")]
    TooLong {
        /// The limit.
        most: usize,
    },
    /// The ledger is full.
    #[error("the act is not done: the ledger has {most} entries, and takes no more")]
    Full {
        /// The limit.
        most: u64,
    },
}

impl Ledger {
    /// Opens the ledger of `data_dir`, whose entries are in `store` and in the journal there; mends what is damaged. When the store
    /// can't be opened the journal is served, and acts are refused until it can.
    ///
    /// # Errors
    /// Nothing can be read, or it is of a newer kind.
    pub async fn open(store: Arc<dyn Store>, data_dir: &Path) -> Result<Self, OpenError> {
        let inner = Arc::new(Inner::open(store, data_dir).await?);
        let keeper = tokio::spawn(keep::keep(Arc::downgrade(&inner), inner.watch_store()));
        Ok(Self { inner, keeper })
    }

    /// What all acts add up to.
    pub fn state(&self) -> Arc<State> {
        self.inner.state()
    }

    /// What they added up to at a moment.
    pub fn state_at(&self, at_ms: u64) -> State {
        let mut state = State::default();
        for entry in self.entries().iter().take_while(|entry| entry.at_ms <= at_ms) {
            state.apply(entry);
        }
        state
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        self.inner.log.entries()
    }

    /// Up to `limit` entries for which `wanted` holds, newest first, from before a revision or from the end.
    pub fn history(&self, before: Option<Revision>, limit: usize, wanted: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        self.inner.log.before(before, limit, wanted)
    }

    /// One entry.
    pub fn entry(&self, revision: Revision) -> Option<Arc<Entry>> {
        self.inner.log.entry(revision)
    }

    /// Does an act that was checked against revision `seen`: checks it again, writes it to disk, shows it to everybody, then gives
    /// its entry. An act that changes nothing gives the entry since which all is as it says. It goes on when the caller doesn't wait.
    ///
    /// # Errors
    /// It is not done.
    pub async fn append(
        &self,
        seen: Revision,
        by: Actor,
        act: Act,
        reason: Option<String>,
    ) -> Result<Arc<Entry>, AppendError> {
        let inner = Arc::clone(&self.inner);
        let task = tokio::spawn(async move { inner.append(seen, inner::Wish { by, act, reason }).await });
        task.await.unwrap_or_else(|error| {
            let why = error.to_string();
            Err(AppendError::Unavailable { why })
        })
    }

    /// Takes in what other processes have appended until now, so that [`state`](Self::state) has it; without it that takes up to
    /// 250 ms. When the store fails, [`health`](Self::health) tells.
    ///
    /// # Cancel safety
    /// It may be given up at any time.
    pub async fn refresh(&self) {
        let inner = Arc::clone(&self.inner);
        if let Err(error) = tokio::spawn(async move { inner.keep().await }).await {
            tracing::error!(%error, "the ledger could not be refreshed");
        }
    }

    /// Tells of each new revision, once the state has it.
    pub fn watch(&self) -> watch::Receiver<Revision> {
        self.inner.revision.subscribe()
    }

    /// How the store and the journal are.
    pub fn health(&self) -> Health {
        self.inner.health()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}
