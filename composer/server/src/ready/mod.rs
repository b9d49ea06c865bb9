//! Whole pages whose every part came from the cache, kept assembled: showing one again costs little more than its bytes.

mod key;
mod text;

use std::{fmt, sync::Arc, time::Duration};

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

/// The pages of all compositions that are kept.
pub(crate) struct ReadyPages(Cache<Box<[u8]>, Arc<ReadyPage>, Weight>);

/// A page, but for what belongs to one response only. It counts for as long as each of its parts does.
pub(crate) struct ReadyPage {
    text: Text,
    parts: Vec<Arc<Entry>>,
    /// When the first of its parts is no longer fresh.
    fresh_until: Instant,
    etag: HeaderValue,
    vary: Vec<HeaderValue>,
    /// True when its own fragment wants it encoded by nobody.
    forbids_transform: bool,
    counts: Counts,
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
        (key.len() + page.text.weight() + page.parts.len() * size_of::<Arc<Entry>>() + size_of::<ReadyPage>()) as u64
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
        Some(Self {
            fresh_until: parts
                .iter()
                .map(|part| part.fresh_until())
                .min()?
                .min(Instant::now() + LONGEST),
            etag: text.etag(),
            vary: sees.vary().into_iter().map(HeaderValue::from).collect(),
            forbids_transform: false,
            text,
            parts,
            counts,
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
        self.fresh_until > Instant::now() && self.parts.iter().all(|part| part.is_current())
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
        let mut headers = HeaderMap::with_capacity(24);
        headers.insert(header::CACHE_CONTROL, self.cache_control());
        headers.insert(header::ETAG, self.etag.clone());
        for name in &self.vary {
            headers.append(header::VARY, name.clone());
        }
        let mut response = if knows.is_some_and(|tags| self.is_among(tags)) {
            // No policy: the browser would lay the new nonce's over the page that it has.
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            encoding.bodiless().tell(&mut headers);
            response
        } else {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            security::page(&mut headers, fill.nonce);
            encoding.tell(&mut headers);
            let filled = self.text.fill(encoding.coding, fill);
            if is_head {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(filled.len()));
                Response::new(Body::empty())
            } else {
                Response::new(Body::new(filled))
            }
        };
        *response.headers_mut() = headers;
        response.extensions_mut().insert(self.tally());
        response
    }

    fn tally(&self) -> Tally {
        let tally = Tally::default();
        (0..self.counts.fresh).for_each(|_| tally.fresh());
        (0..self.counts.fallback).for_each(|_| tally.fallback());
        tally
    }

    /// The least of what its parts allow browsers. Others than browsers keep no page: its nonce is for one visitor.
    fn cache_control(&self) -> HeaderValue {
        let mut least = LONGEST.as_secs();
        for part in &self.parts {
            match part.browser() {
                Browser::NoStore => return HeaderValue::from_static("no-store"),
                Browser::NoCache => least = 0,
                Browser::MaxAge(left) => least = least.min(left.as_secs()),
            }
        }
        match least {
            0 => HeaderValue::from_static("private, no-cache"),
            seconds => HeaderValue::try_from(format!("private, max-age={seconds}")).expect("digits are plain ASCII"),
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2>
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let bare = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
        let own = bare(self.etag.as_bytes());
        let mut tags = tags.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        tags.any(|tag| tag == b"*" || bare(tag) == own)
    }
}

impl fmt::Debug for ReadyPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyPages")
            .field("pages", &self.0.len())
            .finish_non_exhaustive()
    }
}
