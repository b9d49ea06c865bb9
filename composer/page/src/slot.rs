//! A slot of one page: its number, its place in the document, what to fetch for it, how its fetch ended.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use composer_html::Context;
use contract::{FragmentId, Params, Role, Version, slot};

use crate::offer::Offer;

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

/// A part of a layout or of a fragment, in document order.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Html(Bytes),
    Slot(Box<Place>),
    /// A piece of the children of the slot before it.
    Fallback(Bytes),
    SlotEnd,
}

/// Where a slot element stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// As its author wrote it.
    pub(crate) src: String,
    /// Its other attributes, as HTML with a space before each.
    pub(crate) attributes: Bytes,
    /// What surrounds it.
    pub(crate) context: Context,
    /// What may stand there; `None` where the author may not include it.
    pub(crate) offer: Option<Arc<Offer>>,
    /// Where its content arrives; `None` where a limit forbids the fetch.
    pub(crate) slot: Option<SlotId>,
}

/// Memory of a part beside its bytes.
const PART_BYTES: usize = 64;

impl Part {
    /// What it costs to keep.
    pub(crate) fn held_bytes(&self) -> usize {
        PART_BYTES
            + match self {
                Self::Html(bytes) | Self::Fallback(bytes) => bytes.len(),
                Self::Slot(place) => place.src.len() + place.attributes.len() + size_of::<Place>(),
                Self::SlotEnd => 0,
            }
    }
}

impl Place {
    /// True for the place of the page's own fragment in a layout.
    pub(crate) fn is_page(&self) -> bool {
        self.src == slot::PAGE
    }
}
