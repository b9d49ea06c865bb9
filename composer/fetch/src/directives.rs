//! The directives of `Cache-Control` (RFC 9111 §5.2) and of `CDN-Cache-Control` (RFC 9213), each taken in its strictest sense.

use http::{HeaderMap, HeaderName, header};

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
/// RFC 9111 §1.2.2: what is larger than a cache can tell counts as this.
const MOST_SECONDS: u64 = 1 << 31;

/// What a response says about being kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Directives {
    pub(crate) no_store: bool,
    pub(crate) no_cache: bool,
    pub(crate) private: bool,
    pub(crate) no_transform: bool,
    /// `must-revalidate` or `proxy-revalidate`.
    pub(crate) must_revalidate: bool,
    pub(crate) max_age_s: Option<u64>,
    pub(crate) s_maxage_s: Option<u64>,
    pub(crate) stale_while_revalidate_s: Option<u64>,
    pub(crate) stale_if_error_s: Option<u64>,
    /// It can't be read, and may have said anything.
    pub(crate) is_unreadable: bool,
}

impl Directives {
    /// Those for this cache: `CDN-Cache-Control`, where it stands, instead of `Cache-Control`.
    ///
    /// RFC 9213 §2.2 falls back when the former can't be read; who meant to restrict something is better served by not keeping it.
    pub(crate) fn for_us(headers: &HeaderMap) -> Self {
        if headers.contains_key(CDN_CACHE_CONTROL) {
            return Self::of(headers, &CDN_CACHE_CONTROL);
        }
        let mut directives = Self::for_browsers(headers);
        // RFC 9111 §5.4: only where there is no `Cache-Control`.
        if !headers.contains_key(header::CACHE_CONTROL) && headers.contains_key(header::PRAGMA) {
            directives.no_cache = true;
        }
        directives
    }

    /// Those for browsers: `Cache-Control`.
    pub(crate) fn for_browsers(headers: &HeaderMap) -> Self {
        Self::of(headers, &header::CACHE_CONTROL)
    }

    /// Tells whether a lifetime is given.
    pub(crate) fn has_lifetime(&self) -> bool {
        self.max_age_s.is_some() || self.s_maxage_s.is_some()
    }

    fn of(headers: &HeaderMap, name: &HeaderName) -> Self {
        let mut all = Self::default();
        for value in headers.get_all(name) {
            match value.to_str() {
                Ok(text) => all.read(text),
                Err(_) => all.is_unreadable = true,
            }
        }
        all
    }

    fn read(&mut self, mut text: &str) {
        loop {
            text = text.trim_start_matches([' ', '\t', ',']);
            if text.is_empty() {
                return;
            }
            let end = text.find([',', '=', ';']).unwrap_or(text.len());
            let name = text[..end].trim_ascii_end();
            text = &text[end..];
            let mut value = None;
            if let Some(rest) = text.strip_prefix('=') {
                let Some((found, rest)) = split_value(rest) else {
                    self.is_unreadable = true;
                    return;
                };
                value = Some(found);
                text = rest;
            }
            // Parameters of a structured field's member say nothing that we know.
            if text.starts_with(';') {
                text = &text[text.find(',').unwrap_or(text.len())..];
            }
            self.take(name, value);
        }
    }

    fn take(&mut self, name: &str, value: Option<&str>) {
        if name.is_empty() || !name.bytes().all(is_token) {
            self.is_unreadable = true;
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match () {
            () if is("no-store") => self.no_store = true,
            () if is("no-cache") => self.no_cache = true,
            () if is("private") => self.private = true,
            () if is("no-transform") => self.no_transform = true,
            () if is("must-revalidate") || is("proxy-revalidate") => self.must_revalidate = true,
            () if is("max-age") => lower(&mut self.max_age_s, value),
            () if is("s-maxage") => lower(&mut self.s_maxage_s, value),
            () if is("stale-while-revalidate") => lower(&mut self.stale_while_revalidate_s, value),
            () if is("stale-if-error") => lower(&mut self.stale_if_error_s, value),
            () => {}
        }
    }
}

/// The value of a directive, without its quotes, and what stands behind it.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';']).unwrap_or(text.len());
        let value = text[..end].trim_ascii_end();
        return (!value.contains('"')).then_some((value, &text[end..]));
    };
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let rest = quoted[at + 1..].trim_ascii_start();
                let ends = rest.is_empty() || rest.starts_with([',', ';']);
                return ends.then_some((&quoted[..at], rest));
            }
            _ => {}
        }
    }
    None
}

/// Of several, the least counts; what is no number of seconds counts as none.
fn lower(known: &mut Option<u64>, value: Option<&str>) {
    let text = value.unwrap_or_default();
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = if is_number {
        text.parse().unwrap_or(MOST_SECONDS).min(MOST_SECONDS)
    } else {
        0
    };
    *known = Some(known.map_or(seconds, |known| known.min(seconds)));
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(values: &[&str]) -> Directives {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CACHE_CONTROL, HeaderValue::from_str(value).unwrap());
        }
        Directives::for_us(&headers)
    }

    #[test]
    fn names_have_no_case_and_values_may_be_quoted() {
        let expected = Directives {
            max_age_s: Some(60),
            stale_if_error_s: Some(5),
            private: true,
            ..Directives::default()
        };
        assert_eq!(read(&["Max-Age=60 , PRIVATE", "stale-if-error=\"5\""]), expected);
        assert!(read(&["max-age=60, No-Transform"]).no_transform && !read(&["x=\"no-transform\""]).no_transform);
        assert!(read(&["private=\"set-cookie, x\", max-age=60"]).private);
        assert_eq!(read(&["x=\"no-store\", max-age=1"]).max_age_s, Some(1));
        assert!(!read(&["x=\"a\\\", no-store\", max-age=1"]).no_store);
    }

    #[test]
    fn of_two_lifetimes_the_shorter_counts_and_of_none_that_is_one_nothing() {
        assert_eq!(read(&["max-age=60, max-age=5"]).max_age_s, Some(5));
        for none in [
            "max-age",
            "max-age=",
            "max-age=-1",
            "max-age=1.5",
            "max-age=\"\"",
            "max-age=1x",
        ] {
            assert_eq!(read(&[none]).max_age_s, Some(0), "{none}");
        }
        assert_eq!(read(&["max-age=99999999999999999999"]).max_age_s, Some(1 << 31));
    }

    #[test]
    fn what_cannot_be_read_is_known_to_be_so() {
        for broken in ["max-age=60, x=\"", "=1", "a b", "x=a\"b", "x=\"a\"b", "\u{e4}=1"] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_bytes(broken.as_bytes()).unwrap(),
            );
            assert!(Directives::for_us(&headers).is_unreadable, "{broken}");
        }
        assert!(!read(&["", ",, max-age=1 ,,"]).is_unreadable);
    }

    #[test]
    fn what_is_meant_for_caches_like_us_stands_above_what_is_meant_for_all() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            CDN_CACHE_CONTROL,
            HeaderValue::from_static("max-age=60;x=\"a\", public"),
        );
        let ours = Directives::for_us(&headers);
        assert_eq!((ours.no_store, ours.max_age_s), (false, Some(60)));
        assert!(Directives::for_browsers(&headers).no_store);
    }
}
