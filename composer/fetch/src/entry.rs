//! One answer as the cache keeps it: its head, its body as the stitcher reads it, and until when it counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use composer_page::Kept;
use tokio::time::Instant;

use crate::ResponseHead;

/// A kept answer; it is never changed, only replaced.
#[derive(Debug)]
pub struct Entry {
    /// Status 200, and all headers.
    pub head: ResponseHead,
    /// The whole body, read once for all pages.
    pub kept: Arc<Kept>,
    /// The names by which it can be purged.
    pub tags: Box<[Box<str>]>,
    fresh_until: Instant,
    browser: Browser,
    etag_part: [u8; 16],
    is_current: AtomicBool,
}

/// What a browser may do with an answer that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// It may not keep it.
    NoStore,
    /// It may keep it, and has to ask each time whether it still counts.
    NoCache,
    /// It may show it again for so long.
    MaxAge(Duration),
}

impl Entry {
    /// False as soon as it was purged or replaced, or has left the cache.
    pub fn is_current(&self) -> bool {
        self.is_current.load(Relaxed)
    }

    /// Until when it may be shown without a word to its BFF.
    pub fn fresh_until(&self) -> Instant {
        self.fresh_until
    }

    /// What a browser may do with it now.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// How long a browser may show it again from now on; `None` when it has to ask each time.
    pub fn browser_max_age(&self) -> Option<Duration> {
        match self.browser() {
            Browser::MaxAge(left) => Some(left),
            Browser::NoStore | Browser::NoCache => None,
        }
    }

    /// A digest of its body, the same in every composer.
    pub fn etag_part(&self) -> [u8; 16] {
        self.etag_part
    }
}
