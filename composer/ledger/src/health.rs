//! How the ledger is, for operators.

use std::{fmt, sync::Arc};

use crate::{act::Act, entry::Entry, moment::Moment};

/// How the ledger is.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Whether acts can be taken.
    pub store: StoreHealth,
    /// Why the journal is behind, while it is; acts are taken all the same.
    pub journal: Option<String>,
    /// The last time since this process began that damage was mended.
    pub recovered: Option<Arc<Entry>>,
}

/// How the store is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StoreHealth {
    /// Acts are taken.
    #[default]
    Good,
    /// Acts are refused until the disk can be written again.
    Unavailable {
        /// Since when.
        since_ms: u64,
        /// What is wrong.
        why: String,
    },
    /// Acts are refused until what is damaged can be replaced.
    Damaged {
        /// Since when.
        since_ms: u64,
        /// What is wrong.
        why: String,
    },
    /// Acts are refused: a newer Marquetry has written what this one can't read.
    Newer {
        /// Since when.
        since_ms: u64,
        /// What is wrong.
        why: String,
    },
}

impl Health {
    /// True while acts are taken.
    pub fn takes_acts(&self) -> bool {
        self.store == StoreHealth::Good
    }
}

impl StoreHealth {
    /// Becomes what it is now; the same trouble keeps its beginning.
    pub(crate) fn become_now(&mut self, mut now: Self) {
        if std::mem::discriminant(self) == std::mem::discriminant(&now)
            && let (Some(before), Some(since)) = (self.since_ms(), now.since_mut())
        {
            *since = before;
        }
        *self = now;
    }

    fn since_ms(&self) -> Option<u64> {
        match self {
            Self::Good => None,
            Self::Unavailable { since_ms, .. } | Self::Damaged { since_ms, .. } | Self::Newer { since_ms, .. } => {
                Some(*since_ms)
            }
        }
    }

    fn since_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::Good => None,
            Self::Unavailable { since_ms, .. } | Self::Damaged { since_ms, .. } | Self::Newer { since_ms, .. } => {
                Some(since_ms)
            }
        }
    }
}

/// What is wrong and what to do; empty when nothing is.
impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![];
        match &self.store {
            StoreHealth::Good => {}
            StoreHealth::Unavailable { since_ms, why } => parts.push(format!(
                "acts are refused since {}: {why}; pages are served as before; make room on the disk of the data folder, or make it writable, and acts are taken again by themselves",
                Moment(*since_ms)
            )),
            StoreHealth::Damaged { since_ms, why } => parts.push(format!(
                "acts are refused since {}: {why}; pages are served as before; the store is rebuilt by itself as soon as the data folder can be written",
                Moment(*since_ms)
            )),
            StoreHealth::Newer { since_ms, why } => {
                parts.push(format!("acts are refused since {}: {why}", Moment(*since_ms)));
            }
        }
        if let Some(why) = &self.journal {
            parts.push(format!("the journal, the second copy of all entries, is behind: {why}; it catches up by itself once the data folder can be written"));
        }
        if let Some(entry) = &self.recovered
            && let Act::Recovered { lost, evidence } = &entry.act
        {
            let kept = if evidence.is_empty() {
                String::new()
            } else {
                format!("; what was damaged is in `{evidence}`")
            };
            parts.push(format!(
                "the store was damaged and made whole again at {} (revision {}), {lost} entries lost{kept}",
                Moment(entry.at_ms),
                entry.revision
            ));
        }
        f.write_str(&parts.join("; "))
    }
}
