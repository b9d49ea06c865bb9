//! A slot of one page: its number, what to fetch for it, how its fetch ended.

use std::{fmt, time::Duration};

use contract::{FragmentId, Params, Role, Version};

/// Numbers a slot of one page, in the order of discovery; the page's own fragment is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub(crate) u16);

impl SlotId {
    /// The slot of the page's own fragment.
    pub const PRIMARY: Self = Self(0);

    pub(crate) fn at(index: usize) -> Self {
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }

    /// From 0 without gaps, less than [`contract::slot::MAX_PER_PAGE`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}", self.0)
    }
}

/// A fragment to fetch for a slot, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The slot that waits for it.
    pub slot: SlotId,
    /// The fragment.
    pub fragment: FragmentId,
    /// The version of its app.
    pub version: Version,
    /// Where its BFF serves it, without query.
    pub path: String,
    /// Those params that the fragment reads.
    pub params: Params,
    /// What its failure means.
    pub role: Role,
    /// Wall-clock limit over head and body.
    pub deadline: Duration,
    /// A longer body is cut.
    pub max_body_bytes: usize,
}

/// How the fetch for a slot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All bytes are there.
    Complete,
    /// Nothing usable came.
    Failed,
    /// It broke off in its body.
    Cut,
}
