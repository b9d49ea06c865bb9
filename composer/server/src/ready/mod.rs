//! Whole pages whose every part came from the cache, kept assembled: showing one again costs little more than its bytes.

mod key;
mod text;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use composer_fetch::{Browser, Entry};
use composer_page::{Counts, HeadText, Hole};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use quick_cache::{Weighter, sync::Cache};
use tokio::time::Instant;

pub(crate) use self::key::{Asked, PageSees};
use self::text::Text;
use crate::{encode::Encoding, request::Tally, security};

/// The lock in a page's head is good for a day, and has to have most of that left in a page that a browser has stored.
const LONGEST: Duration = Duration::from_secs(3_600);

/// A longer page is put together and compressed bit by bit, each time.
const MOST_BYTES: usize = 512 << 10;

/// What the headers of a page take.
const HEADERS_BYTES: usize = 2_500;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The pages of all compositions that are kept.
pub(crate) struct ReadyPages(Cache<Box<[u8]>, Arc<ReadyPage>, Weight>);

/// A page, but for what belongs to one response only. It counts for as long as each of its parts does.
pub(crate) struct ReadyPage {
    text: Text,
    parts: Vec<Arc<Entry>>,
    /// How many entries had been retired when its parts were last found to be current.
    seen_retired: AtomicU64,
    /// When the first of its parts is no longer fresh.
    fresh_until: Instant,
    /// True when its own fragment wants it encoded by nobody.
    forbids_transform: bool,
    keeping: Keeping,
    /// What all its responses say that have a body.
    headers: HeaderMap,
    tally: Tally,
}

/// The least of what its parts allow browsers.
#[derive(Debug, Clone, Copy)]
enum Keeping {
    NoStore,
    NoCache,
    /// At most until then.
    MaxAge(Option<Instant>),
}

/// What belongs to one response only.
pub(crate) struct Fill<'r> {
    pub(crate) nonce: &'r security::Nonce,
    pub(crate) request_id: &'r str,
    pub(crate) composition: Option<&'r str>,
}

impl Fill<'_> {
    fn of(&self, hole: Hole) -> &str {
        match hole {
            Hole::Nonce => self.nonce.as_str(),
            Hole::RequestId => self.request_id,
            Hole::Composition => self.composition.unwrap_or_default(),
        }
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Arc<ReadyPage>> for Weight {
    fn weight(&self, key: &Box<[u8]>, page: &Arc<ReadyPage>) -> u64 {
        let parts = page.parts.len() * size_of::<Arc<Entry>>();
        (key.len() + page.text.weight() + parts + HEADERS_BYTES + size_of::<ReadyPage>()) as u64
    }
}

impl ReadyPages {
    /// No pages yet, and never more than `bytes` of them.
    pub(crate) fn new(bytes: u64) -> Self {
        // So many of the smallest pages; it only decides how the memory is divided at first.
        let items = usize::try_from(bytes / 8_192).unwrap_or(usize::MAX).max(1);
        Self(Cache::with_weighter(items, bytes, Weight))
    }

    /// The page kept under `key`, if each of its parts still counts.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Arc<ReadyPage>> {
        let page = self.0.get(key)?;
        if page.is_current() {
            return Some(page);
        }
        self.0.remove(key);
        None
    }

    /// Keeps `page` for later visits.
    pub(crate) fn put(&self, key: Vec<u8>, page: Arc<ReadyPage>) {
        if page.is_current() {
            self.0.insert(key.into(), page);
        }
    }
}

impl ReadyPage {
    /// The page of this head and all that came after it, made of `parts`.
    ///
    /// `None` when it has no parts, or is so long that compressing it at once would keep others waiting.
    pub(crate) fn new(
        head: &HeadText,
        rest: &[Bytes],
        parts: Vec<Arc<Entry>>,
        counts: Counts,
        sees: &PageSees,
    ) -> Option<Self> {
        let bytes = head.bytes.len() + rest.iter().map(Bytes::len).sum::<usize>();
        if bytes > MOST_BYTES {
            return None;
        }
        let text = Text::new(head, rest);
        let now = Instant::now();
        let fresh_until = parts.iter().map(|part| part.fresh_until()).min()?;
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(header::ETAG, text.etag());
        for name in sees.vary() {
            headers.append(header::VARY, name.into());
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        security::beside_policy(&mut headers);
        Some(Self {
            forbids_transform: false,
            fresh_until: fresh_until.min(now + LONGEST),
            keeping: Keeping::of(&parts, now),
            // None of them has been looked at: some may have been retired while the page was put together.
            seen_retired: AtomicU64::new(u64::MAX),
            tally: tally(counts),
            text,
            parts,
            headers,
        })
    }

    /// The same page, which nobody may encode, if its own fragment `forbids` that.
    pub(crate) fn forbidding_transform(self, forbids: bool) -> Self {
        Self {
            forbids_transform: forbids,
            ..self
        }
    }

    fn is_current(&self) -> bool {
        self.fresh_until > Instant::now() && self.has_current_parts()
    }

    /// Looks at the parts only when some entry, its own or not, was retired since: they are many, and far apart in memory.
    fn has_current_parts(&self) -> bool {
        let retired = Entry::retired();
        if self.seen_retired.load(Relaxed) == retired {
            return true;
        }
        let are_current = self.parts.iter().all(|part| part.is_current());
        if are_current {
            self.seen_retired.store(retired, Relaxed);
        }
        are_current
    }

    /// The page, or that the browser has it already, when it `knows` one of this tag.
    pub(crate) fn respond(
        &self,
        knows: Option<&HeaderValue>,
        is_head: bool,
        encoding: Encoding,
        fill: &Fill<'_>,
    ) -> Response {
        let encoding = if self.forbids_transform {
            Encoding::FINAL
        } else {
            encoding
        };
        let mut response = Response::new(Body::empty());
        let mut headers;
        if knows.is_some_and(|tags| self.is_among(tags)) {
            // No policy: the browser would lay the new nonce's over the page that it has.
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            headers = self.bodiless();
            headers.insert(header::CACHE_CONTROL, self.keeping.tell());
            encoding.bodiless().tell(&mut headers);
        } else {
            headers = self.headers.clone();
            headers.insert(header::CACHE_CONTROL, self.keeping.tell());
            security::policy(&mut headers, fill.nonce);
            encoding.tell(&mut headers);
            let filled = self.text.fill(encoding.coding, fill);
            if is_head {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(filled.len()));
            } else {
                *response.body_mut() = Body::new(filled);
            }
        }
        *response.headers_mut() = headers;
        response.extensions_mut().insert(self.tally.clone());
        response
    }

    /// What a response without a body repeats of one that has it (RFC 9110 §15.4.5).
    fn bodiless(&self) -> HeaderMap {
        let repeated = self
            .headers
            .iter()
            .filter(|(name, _)| [header::ETAG, header::VARY].contains(name));
        repeated.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2>
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let bare = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
        let own = self.headers.get(header::ETAG).map(|tag| bare(tag.as_bytes()));
        let mut tags = tags.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        tags.any(|tag| tag == b"*" || Some(bare(tag)) == own)
    }
}

impl Keeping {
    fn of(parts: &[Arc<Entry>], now: Instant) -> Self {
        let mut least = Self::MaxAge(None);
        for part in parts {
            least = match (part.browser(), least) {
                (Browser::NoStore, _) | (_, Self::NoStore) => return Self::NoStore,
                (Browser::NoCache, _) | (_, Self::NoCache) => Self::NoCache,
                (Browser::MaxAge(left), Self::MaxAge(until)) => {
                    let until = until.map_or(now + left, |until| until.min(now + left));
                    Self::MaxAge(Some(until))
                }
            };
        }
        least
    }

    /// What a response says of it now. Others than browsers keep no page: its nonce is for one visitor.
    fn tell(self) -> HeaderValue {
        let seconds = match self {
            Self::NoStore => return NO_STORE,
            Self::NoCache => 0,
            Self::MaxAge(until) => {
                let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                left.map_or(LONGEST, |left| left.min(LONGEST)).as_secs()
            }
        };
        match seconds {
            0 => HeaderValue::from_static("private, no-cache"),
            seconds => HeaderValue::try_from(format!("private, max-age={seconds}")).expect("digits are plain ASCII"),
        }
    }
}

fn tally(counts: Counts) -> Tally {
    let tally = Tally::default();
    (0..counts.fresh).for_each(|_| tally.fresh());
    (0..counts.fallback).for_each(|_| tally.fallback());
    tally
}

impl fmt::Debug for ReadyPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyPages")
            .field("pages", &self.0.len())
            .finish_non_exhaustive()
    }
}
