//! Whether a shared cache may keep an answer, and for how long it counts (RFC 9111 §§3, 4.2; RFC 5861; RFC 9213).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::{ResponseHead, directives::Directives};

/// No answer counts for longer.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long an answer counts, from the moment it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// It may be shown without a word to its BFF.
    pub(crate) fresh: Duration,
    /// After that: shown while it is asked for anew.
    pub(crate) stale_while_revalidate: Duration,
    /// After `fresh`: shown when its BFF fails.
    pub(crate) stale_if_error: Duration,
}

/// Why an answer isn't kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unkept {
    /// Only 200 is.
    Status,
    /// It sets a cookie.
    SetCookie,
    /// `no-store`, `private` or `no-cache`.
    Forbidden,
    /// Its directives can't be read.
    Unreadable,
    /// It says nothing of how long it counts, or that it doesn't.
    NoLifetime,
    /// `Vary: *`.
    Varies,
    /// The end of its body can't be told from a broken connection.
    Endless,
}

impl Freshness {
    /// Tells whether others than who asked may have it: it is fresh, or may be shown although it isn't.
    pub(crate) fn is_for_others(&self) -> bool {
        !(self.fresh + self.stale_while_revalidate).is_zero()
    }

    /// How long an answer to GET with this head counts, `now` being when the head came.
    ///
    /// # Errors
    /// Why it may not be kept at all.
    pub(crate) fn of(head: &ResponseHead, now: SystemTime) -> Result<Self, Unkept> {
        if head.status != StatusCode::OK {
            return Err(Unkept::Status);
        }
        Self::of_headers(&head.headers, now)
    }

    fn of_headers(headers: &HeaderMap, now: SystemTime) -> Result<Self, Unkept> {
        let directives = Directives::for_us(headers);
        let lifetime = lifetime(headers, &directives, now).ok_or(Unkept::NoLifetime)?;
        if directives.is_unreadable {
            return Err(Unkept::Unreadable);
        }
        // `no-cache` could be kept and asked about each time; that is not worth a place.
        if directives.no_store || directives.private || directives.no_cache {
            return Err(Unkept::Forbidden);
        }
        if headers.contains_key(header::SET_COOKIE) {
            return Err(Unkept::SetCookie);
        }
        if varies_by_all(headers) {
            return Err(Unkept::Varies);
        }
        if !headers.contains_key(header::CONTENT_LENGTH) && !is_chunked(headers) {
            return Err(Unkept::Endless);
        }
        let (mut while_revalidating, mut if_error) = (Duration::ZERO, Duration::ZERO);
        if !directives.must_revalidate {
            while_revalidating = seconds(directives.stale_while_revalidate_s.unwrap_or(0));
            if_error = seconds(directives.stale_if_error_s.unwrap_or(0));
        }
        let age = age(headers, now);
        // What is past its lifetime already has used up some of what comes after it.
        let over = age.saturating_sub(lifetime);
        let freshness = Self {
            fresh: lifetime.saturating_sub(age),
            stale_while_revalidate: while_revalidating.saturating_sub(over),
            stale_if_error: if_error.saturating_sub(over),
        };
        let lasts = freshness.fresh + freshness.stale_while_revalidate + freshness.stale_if_error;
        if lasts.is_zero() {
            return Err(Unkept::NoLifetime);
        }
        Ok(freshness)
    }
}

/// The lifetime that is given; none is guessed.
fn lifetime(headers: &HeaderMap, directives: &Directives, now: SystemTime) -> Option<Duration> {
    if directives.has_lifetime() {
        return directives.s_maxage_s.or(directives.max_age_s).map(seconds);
    }
    if headers.contains_key("cdn-cache-control") {
        // RFC 9213 §2.1: it stands in place of `Expires` too.
        return None;
    }
    let expires = headers.get(header::EXPIRES)?;
    let expires = date(expires).unwrap_or(SystemTime::UNIX_EPOCH);
    let since = headers.get(header::DATE).and_then(date).unwrap_or(now);
    Some(expires.duration_since(since).unwrap_or_default().min(LONGEST))
}

/// How old it was when it came (RFC 9111 §4.2.3); the time on its way counts from when it was asked for.
pub(crate) fn age(headers: &HeaderMap, now: SystemTime) -> Duration {
    let said = headers
        .get(header::AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse().ok());
    let dated = headers.get(header::DATE).and_then(date);
    let apparent = dated.and_then(|date| now.duration_since(date).ok()).unwrap_or_default();
    seconds(said.unwrap_or(0)).max(Duration::from_secs(apparent.as_secs()))
}

/// With any other coding at the end, the body ends with its connection (RFC 9112 §6.3).
fn is_chunked(headers: &HeaderMap) -> bool {
    let last = headers.get_all(header::TRANSFER_ENCODING).iter().next_back();
    let last = last.and_then(|value| value.as_bytes().rsplit(|b| *b == b',').next());
    last.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

fn varies_by_all(headers: &HeaderMap) -> bool {
    headers.get_all(header::VARY).iter().any(|value| {
        value
            .as_bytes()
            .split(|b| *b == b',')
            .any(|name| name.trim_ascii() == b"*")
    })
}

fn date(value: &http::HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST)
}

#[cfg(test)]
mod tests;
