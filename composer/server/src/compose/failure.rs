//! Why a slot shows its fallback, and why a page can't be shown.

use std::time::Duration;

use composer_fetch::FetchError;
use composer_page::StitchError;
use contract::{FragmentId, Role};

/// Why a slot has nothing, or not all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    /// Its BFF did not deliver.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What it delivered does not fit the page.
    #[error(transparent)]
    Stitch(#[from] StitchError),
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// No route leads there.
    #[error("no page has this address")]
    NoRoute,
    /// Pages are read, never written.
    #[error("pages answer GET and HEAD only")]
    Method,
    /// A fragment that the page can't do without failed.
    #[error("fragment `{fragment}` failed")]
    Fragment {
        /// The fragment.
        fragment: FragmentId,
        /// What it is to the page.
        role: Role,
        /// Why.
        source: SlotError,
    },
    /// Nothing could be shown in the time that the page has.
    #[error("the page was not begun within {limit:?}")]
    Deadline {
        /// Its time.
        limit: Duration,
    },
    /// The page's own fragment redirects to another site, or nowhere.
    #[error("fragment `{fragment}` redirects to where it may not")]
    Redirect {
        /// The fragment.
        fragment: FragmentId,
    },
    /// All fetches ended, and the page has no head.
    #[error("the page has no head")]
    Headless,
}

impl SlotError {
    /// The word for logs.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.label(),
            Self::Stitch(_) => "stitch",
        }
    }
}
