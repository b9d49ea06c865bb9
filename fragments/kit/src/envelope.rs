//! What the server hands to the browser beside a fragment's HTML: the text of its props script.

use serde::{Deserialize, Serialize};

/// Props, base, and what Leptos keeps for hydration. Short names, because every fragment carries one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Envelope<P> {
    /// The props: the same on both sides.
    pub(crate) p: P,
    /// The base of the BFF that rendered it.
    #[serde(default)]
    pub(crate) b: String,
    /// Serialised resources by id; `None` where an id is no resource.
    #[serde(default)]
    pub(crate) r: Vec<Option<String>>,
    /// Errors that an `ErrorBoundary` has shown: boundary, error, text.
    #[serde(default)]
    pub(crate) e: Vec<(usize, usize, String)>,
}
