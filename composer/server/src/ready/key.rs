//! What a whole page is found by: everything that any of its fragments may see.

use composer_fetch::{Upstreams, cookies};
use composer_page::Plan;
use contract::FragmentId;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::request::Canonical;

const COMPOSITION: HeaderName = HeaderName::from_static(contract::header::COMPOSITION);
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What the fragments that a page may show see of a request, taken together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageSees {
    cookies: Vec<String>,
    headers: Vec<HeaderName>,
}

impl PageSees {
    /// Of these fragments, at the versions of `upstreams`.
    pub(crate) fn of(fragments: &[FragmentId], upstreams: &Upstreams) -> Self {
        let mut all = Self::default();
        for id in fragments {
            let Some(upstream) = upstreams.get(&id.app) else {
                continue;
            };
            let sees = upstream.sees(&id.fragment);
            all.cookies.extend_from_slice(&sees.cookies);
            all.headers.extend_from_slice(&sees.headers);
        }
        all.cookies.sort();
        all.cookies.dedup();
        all.headers.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        all.headers.dedup();
        all
    }

    /// The names for `Vary`: a page is of a composition, too, which its visitor may have asked for.
    pub(super) fn vary(&self) -> Vec<HeaderName> {
        let cookie = (!self.cookies.is_empty()).then_some(header::COOKIE);
        let seen = cookie.into_iter().chain(self.headers.iter().cloned());
        seen.chain([COMPOSITION]).collect()
    }

    /// Writes the key: no two visits that a fragment could tell apart have the same. Each part is led by its length.
    ///
    /// `None` for a visit whose pages are never kept: one with credentials, or where a fragment sees the browser's address.
    pub(crate) fn key(&self, view: u64, page: usize, plan: &Plan, asked: &Asked<'_>) -> Option<Vec<u8>> {
        let is_secret = |name: &HeaderName| {
            *name == X_FORWARDED_FOR || *name == header::AUTHORIZATION && asked.headers.contains_key(name)
        };
        if self.headers.iter().any(is_secret) {
            return None;
        }
        let mut key = Vec::with_capacity(192);
        number(&mut key, view);
        number(&mut key, page as u64);
        key.push(u8::from(asked.is_secure));
        part(&mut key, asked.canonical.host.as_bytes());
        let params = &plan.primary().params;
        number(&mut key, params.iter().count() as u64);
        for (name, value) in params.iter() {
            part(&mut key, name.as_bytes());
            part(&mut key, value.as_bytes());
        }
        if !self.cookies.is_empty() {
            let seen = cookies::only(asked.headers, &self.cookies);
            part(&mut key, seen.as_ref().map(HeaderValue::as_bytes).unwrap_or_default());
        }
        for name in &self.headers {
            let values = asked.headers.get_all(name);
            number(&mut key, values.iter().count() as u64);
            for value in values {
                part(&mut key, value.as_bytes());
            }
        }
        Some(key)
    }
}

/// A request as far as keys go.
pub(crate) struct Asked<'r> {
    pub(crate) canonical: &'r Canonical,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) is_secure: bool,
}

fn part(key: &mut Vec<u8>, bytes: &[u8]) {
    number(key, bytes.len() as u64);
    key.extend_from_slice(bytes);
}

fn number(key: &mut Vec<u8>, number: u64) {
    key.extend_from_slice(&number.to_le_bytes());
}
