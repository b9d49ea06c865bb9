//! An act that was done: when, by whom and why.

use std::fmt;

use contract::admin::ReleaseId;
use serde::{Deserialize, Serialize};

use crate::act::Act;

/// The number of an entry, counted from 1; 0 stands for the empty ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Before the first entry.
    pub const ZERO: Self = Self(0);

    /// The one that follows.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Who did it: `ci-reviews (token 3f9a12bc)`, `system:analysis`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// Longer names are cut here.
    pub const MAX_BYTES: usize = 160;

    /// Takes a name; control characters become spaces, and what is too long is cut.
    pub fn new(name: &str) -> Self {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let mut kept: String = name.chars().map(plain).collect();
        kept.truncate(kept.floor_char_boundary(Self::MAX_BYTES));
        Self(kept)
    }

    /// A part of the composer: `system:steps`.
    pub fn system(part: &str) -> Self {
        Self::new(&format!("system:{part}"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One entry of the ledger. The serialised form is durable: `docs/ledger.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number.
    pub revision: Revision,
    /// When, in milliseconds since 1970; never less than in the entry before.
    pub at_ms: u64,
    /// Who.
    pub by: Actor,
    /// What.
    #[serde(rename = "what")]
    pub act: Act,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Entry {
    /// The release that it makes, or belongs to.
    pub fn release(&self) -> Option<ReleaseId> {
        match self.act {
            Act::Released { .. } => Some(ReleaseId(self.revision.0)),
            _ => self.act.release(),
        }
    }
}
