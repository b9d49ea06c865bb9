//! Brings store, journal and memory to one chain: the longest that any of them can prove.

use std::{
    collections::BTreeMap,
    io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use crate::{
    act::Act,
    chain::{ChainError, Head, Sealed},
    disk,
    entry::{Actor, Entry},
    health::StoreHealth,
    journal::{Journal, Journaled},
    log::Log,
    store::{Store, StoreError},
};

/// More copies of one entry than this are not compared.
const MOST_COPIES: usize = 8;
/// How often another process may come first.
const ATTEMPTS: usize = 3;

/// What came out of it.
#[derive(Debug)]
pub(crate) struct Settled {
    /// The chain from now on.
    pub(crate) log: Arc<Log>,
    /// Whether acts can be taken.
    pub(crate) store: StoreHealth,
    /// Why the journal could not be brought up to it.
    pub(crate) journal: Option<String>,
    /// The entry that tells of the damage.
    pub(crate) recovered: Option<Arc<Entry>>,
}

/// What is brought together, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) data_dir: &'a Path,
    pub(crate) now_ms: u64,
}

/// Reads everything, mends what is damaged, keeps it as evidence. A store that has `refused` to be written for damage is made anew
/// even when all can be read of it.
///
/// The journal is brought up to the chain before the store is touched: at any moment one of both is whole.
///
/// # Errors
/// The chain is whole and this program can't read it.
pub(crate) async fn settle(
    place: Place<'_>,
    journal: &mut Journal,
    memory: &[Sealed],
    refused: Option<String>,
) -> Result<Settled, ChainError> {
    for _ in 0..ATTEMPTS {
        // The journal first: an entry that is in it was in the store before, and so is in what is read of the store after.
        let journaled = journal.read().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the journal can't be read");
            Journaled::default()
        });
        let mut found = Found::new(place.store, journaled, memory).await?;
        if let (Condition::Whole, Some(why)) = (&found.store, &refused) {
            found.store = Condition::Damaged(why.clone());
        }
        if let Some(settled) = place.mend(found, journal).await {
            return Ok(settled);
        }
    }
    Ok(Settled {
        log: Arc::new(Log::from_chain(memory.to_vec())?),
        store: StoreHealth::Unavailable {
            since_ms: place.now_ms,
            why: "other processes replace the store again and again".into(),
        },
        journal: None,
        recovered: None,
    })
}

/// What was found, and what follows from it.
struct Found {
    best: Arc<Log>,
    /// The highest number that any copy names.
    highest: u64,
    store: Condition,
}

enum Condition {
    Whole,
    Unavailable(StoreError),
    Damaged(String),
}

impl Found {
    async fn new(store: &dyn Store, journaled: Journaled, memory: &[Sealed]) -> Result<Self, ChainError> {
        let mut copies = Copies::default();
        let mut condition = match store.read(Head::default()).await {
            Ok(rows) => {
                let end = rows.last().map(Sealed::head).unwrap_or_default();
                let others_agree = agrees(&rows, &journaled.lines) && agrees(&rows, memory);
                if others_agree {
                    match read_chain(rows.clone()).await {
                        Ok(log) => return Ok(Self::whole(log, end)),
                        Err(error @ ChainError::Unknown { .. }) => return Err(error),
                        Err(_) => {}
                    }
                }
                copies.add(rows);
                Condition::Damaged(String::new())
            }
            Err(StoreError::Unavailable(cause)) => Condition::Unavailable(StoreError::Unavailable(cause)),
            Err(error) => {
                copies.add(store.salvage().await);
                Condition::Damaged(chain_of(&error))
            }
        };
        let rows = copies.clone();
        copies.add(memory.to_vec());
        copies.add(journaled.lines);
        let mut best = copies.longest();
        if let Condition::Damaged(why) = &condition
            && why.is_empty()
        {
            condition = rows.compare(&best);
            if let Condition::Damaged(_) = condition {
                // Rows may be hidden behind what is damaged.
                copies.add(store.salvage().await);
                best = copies.longest();
            }
        }
        let highest = copies.highest();
        let best = Arc::new(read_chain(best).await?);
        Ok(Self {
            best,
            highest,
            store: condition,
        })
    }

    fn whole(log: Log, end: Head) -> Self {
        Self {
            best: Arc::new(log),
            highest: end.revision.0,
            store: Condition::Whole,
        }
    }
}

/// Checks and reads a chain where it may take its time.
async fn read_chain(lines: Vec<Sealed>) -> Result<Log, ChainError> {
    let read = spawn_blocking(move || Log::from_chain(lines));
    read.await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        // The runtime is ending.
        Err(_) => Ok(Log::default()),
    })
}

/// True when every line stands in `rows` as it is.
fn agrees(rows: &[Sealed], lines: &[Sealed]) -> bool {
    lines.iter().all(|line| {
        let at = usize::try_from(line.revision.0.wrapping_sub(1)).unwrap_or(usize::MAX);
        rows.get(at) == Some(line)
    })
}

impl Place<'_> {
    /// `None` when another process has come first, and everything is to be read again.
    async fn mend(&self, found: Found, journal: &mut Journal) -> Option<Settled> {
        let since_ms = self.now_ms;
        if let Condition::Unavailable(error) = &found.store {
            let why = chain_of(error);
            // The journal is the only copy now, and is left as it is.
            return Some(Settled {
                log: found.best,
                store: StoreHealth::Unavailable { since_ms, why },
                journal: None,
                recovered: None,
            });
        }
        let folder = disk::evidence_folder(self.data_dir, self.now_ms);
        let followed = journal.follow(&found.best, &folder).await;
        let settled = |store, followed: io::Result<()>| Settled {
            log: Arc::clone(&found.best),
            store,
            journal: followed.err().map(|error| chain_of(&error)),
            recovered: None,
        };
        let Condition::Damaged(why) = &found.store else {
            return Some(settled(StoreHealth::Good, followed));
        };
        let why = why.clone();
        tracing::error!(why, "the store is damaged");
        if followed.is_err() {
            return Some(settled(StoreHealth::Damaged { since_ms, why }, followed));
        }
        match self.store.rebuild(&folder, found.best.chain()).await {
            Ok(moved) => Some(self.tell(&found, moved.then_some(folder), journal).await),
            Err(StoreError::Conflict) => None,
            Err(error) => {
                let why = format!("{why}; it can't be rebuilt: {}", chain_of(&error));
                Some(settled(StoreHealth::Damaged { since_ms, why }, Ok(())))
            }
        }
    }

    /// Writes the entry that tells of the damage. The store is whole without it, too.
    async fn tell(&self, found: &Found, evidence: Option<PathBuf>, journal: &mut Journal) -> Settled {
        let log = &found.best;
        let mut head = log.head();
        let lost = found.highest.saturating_sub(head.revision.0);
        let relative = |path: PathBuf| path.strip_prefix(self.data_dir).unwrap_or(&path).display().to_string();
        let evidence = evidence.map(relative).unwrap_or_default();
        tracing::error!(
            lost,
            evidence,
            revision = head.revision.0,
            "the store was damaged and is whole again"
        );
        disk::prune_evidence(self.data_dir);
        let before_ms = log.entry(head.revision).map_or(0, |entry| entry.at_ms);
        let entry = Entry {
            revision: head.revision.next(),
            at_ms: self.now_ms.max(before_ms),
            by: Actor::system("start"),
            act: Act::Recovered { lost, evidence },
            reason: None,
        };
        let (before, mut recovered) = (head, None);
        let mut health = StoreHealth::Good;
        if let Some(sealed) = head.seal(&entry) {
            match self.store.append(before, sealed.clone()).await {
                Ok(()) => recovered = log.push(sealed).ok(),
                // Another process was faster: what it wrote is read soon.
                Err(StoreError::Conflict) => {}
                Err(error) => {
                    let (since_ms, why) = (self.now_ms, chain_of(&error));
                    health = StoreHealth::Unavailable { since_ms, why };
                }
            }
        }
        let folder = disk::evidence_folder(self.data_dir, self.now_ms);
        let followed = journal.follow(log, &folder).await;
        Settled {
            log: Arc::clone(log),
            store: health,
            journal: followed.err().map(|error| chain_of(&error)),
            recovered,
        }
    }
}

/// All copies of all entries, those of the better sources first.
#[derive(Debug, Clone, Default)]
struct Copies(BTreeMap<u64, Vec<Sealed>>);

impl Copies {
    fn add(&mut self, lines: Vec<Sealed>) {
        for line in lines {
            let same = self.0.entry(line.revision.0).or_default();
            if same.len() < MOST_COPIES && !same.contains(&line) {
                same.push(line);
            }
        }
    }

    fn highest(&self) -> u64 {
        self.0.keys().next_back().copied().unwrap_or_default()
    }

    /// The longest chain; of equal ones, that of the better source.
    fn longest(&self) -> Vec<Sealed> {
        let mut chains = vec![Chain::default()];
        for copies in (1..).map_while(|revision| self.0.get(&revision)) {
            let follows: Vec<Vec<&Sealed>> = chains.iter().map(|chain| chain.followed_by(copies)).collect();
            if follows.iter().all(Vec::is_empty) {
                break;
            }
            let longer = chains.into_iter().zip(follows);
            chains = longer
                .flat_map(|(chain, next)| chain.fork(&next))
                .take(MOST_COPIES)
                .collect();
        }
        chains.into_iter().next().map(|chain| chain.lines).unwrap_or_default()
    }

    /// How the store is, of which these are the rows, when `best` is the truth.
    fn compare(&self, best: &[Sealed]) -> Condition {
        let whole = self.0.len() == best.len()
            && best.iter().all(|line| {
                self.0
                    .get(&line.revision.0)
                    .is_some_and(|copies| copies[..] == [line.clone()])
            });
        if whole {
            return Condition::Whole;
        }
        let text = format!("its rows are not the {} entries that are known", best.len());
        Condition::Damaged(text)
    }
}

#[derive(Debug, Clone, Default)]
struct Chain {
    head: Head,
    lines: Vec<Sealed>,
}

impl Chain {
    fn followed_by<'a>(&self, copies: &'a [Sealed]) -> Vec<&'a Sealed> {
        let follows = |copy: &&Sealed| {
            let mut head = self.head;
            head.follow(copy).is_ok()
        };
        copies.iter().filter(follows).collect()
    }

    /// One chain for each line that follows; most often there is one.
    fn fork(self, next: &[&Sealed]) -> Vec<Self> {
        let with = |mut chain: Self, line: &Sealed| {
            chain.head = line.head();
            chain.lines.push(line.clone());
            chain
        };
        let Some((first, others)) = next.split_first() else {
            return vec![];
        };
        let others: Vec<Self> = others.iter().map(|line| with(self.clone(), line)).collect();
        let mut forks = vec![with(self, first)];
        forks.extend(others);
        forks
    }
}

/// An error with all its sources, in one line.
pub(crate) fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
