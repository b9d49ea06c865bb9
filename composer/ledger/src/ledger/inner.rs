//! What a ledger does: one act at a time, and what others did before it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::{self, watch};

use super::{AppendError, MAX_ENTRIES, OpenError};
use crate::{
    act::Act,
    chain::{ChainError, Head, MAX_ENTRY_BYTES, Sealed},
    disk,
    entry::{Actor, Entry, Revision},
    health::{Health, StoreHealth},
    journal::Journal,
    log::Log,
    recover::{Place, Settled, chain_of, settle},
    refusal::{Checked, Rule},
    state::{State, limits},
    store::{Store, StoreError},
};

/// How often an act is tried again after the store was mended under it.
const ATTEMPTS: usize = 3;

/// An act that somebody wants.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) by: Actor,
    pub(super) act: Act,
    pub(super) reason: Option<String>,
}

#[derive(Debug)]
pub(super) struct Inner {
    store: Arc<dyn Store>,
    data_dir: PathBuf,
    pub(super) log: Arc<Log>,
    state: RwLock<Arc<State>>,
    health: Mutex<Health>,
    pub(super) revision: watch::Sender<Revision>,
    /// Whether the whole store has been read and found good.
    verified: AtomicBool,
    /// Held by whoever changes anything.
    writer: sync::Mutex<Journal>,
}

impl Inner {
    pub(super) async fn open(store: Arc<dyn Store>, data_dir: &Path) -> Result<Self, OpenError> {
        let mut journal = Journal::new(data_dir);
        if let Err(error) = tokio::fs::create_dir_all(data_dir).await {
            tracing::error!(%error, "the data folder can't be made");
        }
        let place = Place {
            store: &*store,
            data_dir,
            now_ms: now_ms(),
        };
        let settled = settle(place, &mut journal, &[], None).await;
        let settled = settled.map_err(OpenError::Newer)?;
        if let StoreHealth::Unavailable { why, .. } | StoreHealth::Damaged { why, .. } = &settled.store
            && settled.log.head().revision == Revision::ZERO
        {
            return Err(OpenError::Nothing { why: why.clone() });
        }
        let inner = Self {
            store,
            data_dir: data_dir.to_owned(),
            log: Arc::default(),
            state: RwLock::default(),
            health: Mutex::default(),
            revision: watch::channel(Revision::ZERO).0,
            verified: AtomicBool::new(false),
            writer: sync::Mutex::new(journal),
        };
        inner.adopt(settled);
        Ok(inner)
    }

    pub(super) fn watch_store(&self) -> watch::Receiver<u64> {
        self.store.watch()
    }

    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) async fn append(&self, seen: Revision, wish: Wish) -> Result<Arc<Entry>, AppendError> {
        let reason = wish.reason.as_deref().unwrap_or_default().len();
        if reason > limits::REASON_BYTES {
            let (what, most, got) = ("the reason's bytes", limits::REASON_BYTES, reason);
            return Err(AppendError::Refused(Rule::TooMany { what, most, got }.into()));
        }
        let mut journal = self.writer.lock().await;
        let mut seen = seen;
        if self.health().takes_acts() {
            seen = self.still(seen)?;
        }
        for _ in 0..ATTEMPTS {
            // What this process doesn't know yet must not decide, neither a refusal nor that nothing is to be done.
            self.catch_up(&mut journal).await;
            seen = self.still(seen)?;
            let (before, sealed) = match self.prepare(&wish)? {
                Prepared::Done(entry) => return Ok(entry),
                Prepared::Next(before, sealed) => (before, sealed),
            };
            match self.store.append(before, sealed.clone()).await {
                Ok(()) => return self.take_in(sealed, &mut journal).await,
                Err(StoreError::Conflict) => {
                    self.refresh(&mut journal).await;
                    let now = self.state().revision();
                    return Err(AppendError::Conflict { seen, now });
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    self.note(&error);
                    return Err(self.refused());
                }
                Err(error) => self.note(&error),
            }
        }
        Err(self.refused())
    }

    /// The revision that the act stands on: the one that was seen, or that of a recovery right after it.
    fn still(&self, seen: Revision) -> Result<Revision, AppendError> {
        if !self.health().takes_acts() {
            return Err(self.refused());
        }
        let now = self.state().revision();
        let mut newer = (seen.0 + 1..=now.0).map(|revision| self.log.entry(Revision(revision)));
        let harmless = |entry: &Arc<Entry>| matches!(entry.act, Act::Recovered { .. });
        if now < seen || !newer.all(|entry| entry.as_ref().is_some_and(harmless)) {
            return Err(AppendError::Conflict { seen, now });
        }
        Ok(now)
    }

    fn prepare(&self, wish: &Wish) -> Result<Prepared, AppendError> {
        let state = self.state();
        if let Checked::Unchanged(since) = state.check(&wish.act, None)?
            && let Some(entry) = self.log.entry(since)
        {
            return Ok(Prepared::Done(entry));
        }
        if state.revision().0 >= MAX_ENTRIES {
            return Err(AppendError::Full { most: MAX_ENTRIES });
        }
        let before = self.log.head();
        let entry = Entry {
            revision: before.revision.next(),
            at_ms: now_ms().max(state.at_ms()),
            by: wish.by.clone(),
            act: wish.act.clone(),
            reason: wish.reason.clone(),
        };
        let sealed = before.clone().seal(&entry);
        let sealed = sealed.ok_or(AppendError::TooLong { most: MAX_ENTRY_BYTES })?;
        Ok(Prepared::Next(before, sealed))
    }

    /// Shows an entry that is on disk, then writes the second copy. That this one fails is no reason to take the act back.
    async fn take_in(&self, sealed: Sealed, journal: &mut Journal) -> Result<Arc<Entry>, AppendError> {
        let shown = self.show(sealed);
        self.follow(journal).await;
        shown.map_err(|error| AppendError::Unavailable { why: error.to_string() })
    }

    fn show(&self, sealed: Sealed) -> Result<Arc<Entry>, ChainError> {
        let entry = self.log.push(sealed)?;
        let mut state = State::clone(&self.state());
        state.apply(&entry);
        self.publish(state);
        Ok(entry)
    }

    fn publish(&self, state: State) {
        let revision = state.revision();
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        self.revision.send_replace(revision);
    }

    async fn follow(&self, journal: &mut Journal) {
        let folder = disk::evidence_folder(&self.data_dir, now_ms());
        let why = journal
            .follow(&self.log, &folder)
            .await
            .err()
            .map(|error| chain_of(&error));
        if let Some(why) = &why {
            tracing::error!(why, "the journal can't be written");
        }
        self.change_health(|health| health.journal = why);
    }

    /// Takes in what other processes have appended.
    async fn refresh(&self, journal: &mut Journal) {
        let lines = match self.store.read(self.log.head()).await {
            Ok(lines) => lines,
            Err(error) => return self.note(&error),
        };
        if lines.is_empty() {
            return;
        }
        for sealed in lines {
            match self.show(sealed) {
                Ok(_) => {}
                Err(error @ ChainError::Unknown { .. }) => {
                    let (since_ms, why) = (now_ms(), error.to_string());
                    tracing::error!(why, "another process has written what this one can't read");
                    self.change_health(|health| health.store = StoreHealth::Newer { since_ms, why });
                    break;
                }
                Err(error) => {
                    self.note(&StoreError::Damaged(error.into()));
                    break;
                }
            }
        }
        self.follow(journal).await;
    }

    /// In the background: takes in what is new, or mends what is broken.
    pub(super) async fn keep(&self) {
        let mut journal = self.writer.lock().await;
        self.catch_up(&mut journal).await;
        if self.health().journal.is_some() {
            self.follow(&mut journal).await;
        }
    }

    async fn catch_up(&self, journal: &mut Journal) {
        if self.health().takes_acts() {
            self.refresh(journal).await;
        }
        let away = matches!(self.health().store, StoreHealth::Unavailable { .. });
        if away && self.verified.load(Ordering::Relaxed) {
            return self.come_back(journal).await;
        }
        if !self.health().takes_acts() {
            self.mend(journal).await;
        }
    }

    /// After a while in which the store was away: what it held before was checked then, and what is new is checked now.
    async fn come_back(&self, journal: &mut Journal) {
        match self.store.read(self.log.head()).await {
            Ok(_) => {
                let store = self.probed(StoreHealth::Good).await;
                let back = store == StoreHealth::Good;
                self.change_health(|health| health.store.become_now(store));
                if back {
                    self.refresh(journal).await;
                }
            }
            Err(error @ StoreError::Damaged(_)) => {
                self.note(&error);
                self.mend(journal).await;
            }
            Err(error) => self.note(&error),
        }
    }

    async fn mend(&self, journal: &mut Journal) {
        let memory = self.log.chain();
        let place = Place {
            store: &*self.store,
            data_dir: &self.data_dir,
            now_ms: now_ms(),
        };
        let refused = match self.health().store {
            StoreHealth::Damaged { why, .. } => Some(why),
            _ => None,
        };
        match settle(place, journal, &memory, refused).await {
            Ok(mut settled) => {
                settled.store = self.probed(settled.store).await;
                self.adopt(settled);
            }
            Err(error) => {
                let (since_ms, why) = (now_ms(), error.to_string());
                self.change_health(|health| health.store = StoreHealth::Newer { since_ms, why });
            }
        }
    }

    /// A store that reads well may still have no room.
    async fn probed(&self, store: StoreHealth) -> StoreHealth {
        if store != StoreHealth::Good {
            return store;
        }
        match self.store.probe().await {
            Ok(()) => StoreHealth::Good,
            Err(error) => StoreHealth::Unavailable {
                since_ms: now_ms(),
                why: chain_of(&error),
            },
        }
    }

    fn adopt(&self, settled: Settled) {
        let mut state = State::default();
        for entry in settled.log.entries() {
            state.apply(&entry);
        }
        let changed = settled.log.head() != self.log.head();
        if settled.store == StoreHealth::Good {
            self.verified.store(true, Ordering::Relaxed);
        }
        self.log.replace(&settled.log);
        self.change_health(|health| {
            health.store.become_now(settled.store);
            health.journal = settled.journal;
            if settled.recovered.is_some() {
                health.recovered = settled.recovered;
            }
        });
        if changed {
            self.publish(state);
        }
    }

    fn note(&self, error: &StoreError) {
        let (since_ms, why) = (now_ms(), chain_of(error));
        tracing::error!(why, "the store refuses");
        let health = match error {
            StoreError::Conflict => return,
            StoreError::Unavailable(_) => StoreHealth::Unavailable { since_ms, why },
            StoreError::Damaged(_) => StoreHealth::Damaged { since_ms, why },
        };
        self.change_health(|now| now.store.become_now(health));
    }

    fn refused(&self) -> AppendError {
        match self.health().store {
            StoreHealth::Damaged { why, .. } => AppendError::Damaged { why },
            StoreHealth::Unavailable { why, .. } | StoreHealth::Newer { why, .. } => AppendError::Unavailable { why },
            StoreHealth::Good => AppendError::Unavailable {
                why: "the store was mended just now, and failed again".into(),
            },
        }
    }
}

enum Prepared {
    /// All is so already.
    Done(Arc<Entry>),
    /// What to write, and after what.
    Next(Head, Sealed),
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
