//! One answer as the cache keeps it: its head, its body as the stitcher reads it, and until when it counts.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicBool, AtomicU32, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    time::{Duration, SystemTime},
};

use composer_page::Kept;
use contract::AppVersion;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    ResponseHead,
    directives::Directives,
    freshness::{Freshness, age},
    key::Key,
};

/// What an entry takes beside what it holds: itself, its places in the store and among the names by which it is purged.
const OVERHEAD_BYTES: usize = 1_000;
/// The same for each of its tags.
const TAG_BYTES: usize = 250;

/// How many entries were retired since the process began.
static RETIRED: AtomicU64 = AtomicU64::new(0);

/// A kept answer; it is never changed, only replaced.
pub struct Entry {
    /// Status 200, and all headers.
    pub head: ResponseHead,
    /// The whole body, read once for all pages.
    pub kept: Arc<Kept>,
    /// The names by which it can be purged.
    pub tags: Box<[Box<str>]>,
    pub(crate) origin: Origin,
    /// Different from all others.
    pub(crate) id: u64,
    times: Times,
    browser: Terms,
    etag_part: [u8; 16],
    is_current: AtomicBool,
    uses: AtomicU32,
    /// Held by whoever asks for it anew.
    is_refreshing: AtomicBool,
    failed_at: Mutex<Option<Instant>>,
}

/// Whose answer it is, to what.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) key: Key,
    pub(crate) app: AppVersion,
    /// Where the BFF serves it, without query.
    pub(crate) path: Box<str>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    /// When it was asked for, less the age that it had.
    born: Instant,
    fresh_until: Instant,
    stale_until: Instant,
    usable_on_error_until: Instant,
}

#[derive(Debug, Clone, Copy)]
enum Terms {
    NoStore,
    NoCache,
    Until(Instant),
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

/// What an entry is good for at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Fresh,
    /// Shown, and asked for anew meanwhile.
    WhileRevalidating,
    /// Shown if asking for it anew fails.
    IfError,
    Never,
}

impl Entry {
    /// An answer of `origin`, asked for at `asked`.
    pub(crate) fn new(
        origin: Origin,
        answer: (ResponseHead, Arc<Kept>, Box<[Box<str>]>),
        freshness: Freshness,
        asked: Instant,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (head, kept, tags) = answer;
        let now = SystemTime::now();
        let born = asked.checked_sub(age(&head.headers, now)).unwrap_or(asked);
        let fresh_until = asked + freshness.fresh;
        Self {
            times: Times {
                born,
                fresh_until,
                stale_until: fresh_until + freshness.stale_while_revalidate,
                usable_on_error_until: fresh_until + freshness.stale_if_error,
            },
            browser: terms(&head.headers, born),
            etag_part: digest(kept.raw()),
            head,
            kept,
            tags,
            origin,
            id: NEXT.fetch_add(1, Relaxed),
            is_current: AtomicBool::new(true),
            uses: AtomicU32::new(0),
            is_refreshing: AtomicBool::new(false),
            failed_at: Mutex::default(),
        }
    }

    /// How many entries were retired until now: as long as this stays the same, all that were current still are.
    pub fn retired() -> u64 {
        RETIRED.load(Acquire)
    }

    /// False as soon as it was purged or replaced, or has left the cache.
    pub fn is_current(&self) -> bool {
        self.is_current.load(Relaxed)
    }

    /// Until when it may be shown without a word to its BFF.
    pub fn fresh_until(&self) -> Instant {
        self.times.fresh_until
    }

    /// What a browser may do with it now.
    pub fn browser(&self) -> Browser {
        match self.browser {
            Terms::NoStore => Browser::NoStore,
            Terms::NoCache => Browser::NoCache,
            Terms::Until(due) => match due.saturating_duration_since(Instant::now()) {
                Duration::ZERO => Browser::NoCache,
                left => Browser::MaxAge(left),
            },
        }
    }

    /// How long a browser may show it again from now on; `None` when it has to ask each time.
    pub fn browser_max_age(&self) -> Option<Duration> {
        match self.browser() {
            Browser::MaxAge(left) => Some(left),
            Browser::NoStore | Browser::NoCache => None,
        }
    }

    /// How old it is: since its BFF, or whoever stands before that, made it.
    pub fn age(&self) -> Duration {
        Instant::now().saturating_duration_since(self.times.born)
    }

    /// A digest of its body, the same in every composer.
    pub fn etag_part(&self) -> [u8; 16] {
        self.etag_part
    }

    /// What it is good for at `now`.
    pub(crate) fn usable(&self, now: Instant) -> Use {
        let times = &self.times;
        match () {
            () if now < times.fresh_until => Use::Fresh,
            () if now < times.stale_until => Use::WhileRevalidating,
            () if now < times.usable_on_error_until => Use::IfError,
            () => Use::Never,
        }
    }

    /// True while its BFF's failure may be answered with it.
    pub(crate) fn is_usable_on_error(&self, now: Instant) -> bool {
        now < self.times.usable_on_error_until.max(self.times.stale_until)
    }

    /// What asks a BFF whether it still counts.
    pub(crate) fn validators(&self) -> Validators {
        Validators {
            etag: self.head.headers.get(header::ETAG).cloned(),
            last_modified: self.head.headers.get(header::LAST_MODIFIED).cloned(),
        }
    }

    /// Its head as a 304 with these headers has it from now on (RFC 9111 §3.2).
    pub(crate) fn head_after(&self, not_modified: &HeaderMap) -> ResponseHead {
        let mut head = self.head.clone();
        let describes_body = [
            header::CONTENT_ENCODING,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::CONTENT_TYPE,
            header::TRANSFER_ENCODING,
        ];
        // `Age` and `Date` are of the answer that was made.
        head.headers.remove(header::AGE);
        head.headers.remove(header::DATE);
        for name in not_modified.keys().filter(|name| !describes_body.contains(name)) {
            head.headers.remove(name);
            for value in not_modified.get_all(name) {
                head.headers.append(name, value.clone());
            }
        }
        head
    }

    /// Memory that it takes now.
    pub(crate) fn weight(&self) -> u64 {
        let headers = self.head.headers.iter();
        let headers: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len() + 64)
            .sum();
        let tags: usize = self.tags.iter().map(|tag| tag.len() + TAG_BYTES).sum();
        let own = self.origin.key.len() + self.origin.path.len() + OVERHEAD_BYTES;
        (self.kept.weight() + headers + tags + own) as u64
    }

    /// Counts one more use; true for every one that is a power of two.
    pub(crate) fn note_use(&self) -> bool {
        self.uses.fetch_add(1, Relaxed).wrapping_add(1).is_power_of_two()
    }

    pub(crate) fn retire(&self) {
        self.is_current.store(false, Relaxed);
        RETIRED.fetch_add(1, Release);
    }

    /// Claims to ask for it anew; false when somebody does so already, or has failed at it less than `pause` ago.
    pub(crate) fn claim_refresh(&self, now: Instant, pause: Duration) -> bool {
        !self.has_failed_since(now.checked_sub(pause)) && !self.is_refreshing.swap(true, Relaxed)
    }

    /// Asking for it anew has ended.
    pub(crate) fn end_refresh(&self, failed_at: Option<Instant>) {
        if failed_at.is_some() {
            *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = failed_at;
        }
        self.is_refreshing.store(false, Relaxed);
    }

    /// Tells whether asking for it anew has failed after `moment`.
    pub(crate) fn has_failed_since(&self, moment: Option<Instant>) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|failed_at| moment.is_none_or(|moment| failed_at > moment))
    }
}

/// `If-None-Match` and `If-Modified-Since` of a request that asks whether a kept answer still counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    pub(crate) fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// The fields of a request that asks by them.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (HeaderName, &HeaderValue)> {
        let etag = self.etag.iter().map(|etag| (header::IF_NONE_MATCH, etag));
        let moment = self
            .last_modified
            .iter()
            .map(|moment| (header::IF_MODIFIED_SINCE, moment));
        etag.chain(moment)
    }
}

fn terms(headers: &HeaderMap, born: Instant) -> Terms {
    let directives = Directives::for_browsers(headers);
    match directives.max_age_s {
        _ if directives.no_store || directives.is_unreadable => Terms::NoStore,
        Some(seconds) if !directives.no_cache => Terms::Until(born + Duration::from_secs(seconds)),
        _ => Terms::NoCache,
    }
}

fn digest(body: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(body);
    let mut part = [0; 16];
    part.copy_from_slice(&digest[..16]);
    part
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("app", &self.origin.app)
            .field("path", &self.origin.path)
            .field("bytes", &self.kept.raw().len())
            .field("is_current", &self.is_current())
            .finish_non_exhaustive()
    }
}
