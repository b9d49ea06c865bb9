//! The latest change of something.

use std::sync::Arc;

use crate::entry::{Actor, Entry, Revision};

/// Who changed something last, when, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The entry.
    pub revision: Revision,
    /// When.
    pub at_ms: u64,
    /// Who.
    pub by: Actor,
    /// The act in words: `promoted r57`. One text for all that it changed: it names each of them.
    pub did: Arc<str>,
}

impl From<&Entry> for Touched {
    fn from(entry: &Entry) -> Self {
        Self {
            revision: entry.revision,
            at_ms: entry.at_ms,
            by: entry.by.clone(),
            did: entry.act.to_string().into(),
        }
    }
}
