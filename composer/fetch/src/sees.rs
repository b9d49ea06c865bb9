//! What a fragment sees of the browser's request, beyond its address: exactly this is in the key of the cache.

use contract::manifest::{App, Fragment};
use http::{HeaderMap, HeaderName, header};

/// The browser's address; a fragment sees it only when it names it.
pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The cookies and headers that a fragment sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sees {
    /// Cookies by name.
    pub cookies: Vec<String>,
    /// Headers, each once.
    pub headers: Vec<HeaderName>,
}

impl Sees {
    /// What `fragment` of `app` sees by their manifest.
    pub(crate) fn of(app: &App, fragment: &Fragment) -> Self {
        let all = Self::all_of(app);
        let named = fragment.headers.as_ref();
        let headers = named.map(|names| names.iter().filter_map(|name| name.parse().ok()));
        let is_seen = |name: &HeaderName| all.headers.contains(name) || *name == X_FORWARDED_FOR;
        Self {
            cookies: fragment.cookies.clone().unwrap_or(all.cookies),
            headers: match headers {
                Some(headers) => in_order(headers.filter(is_seen)),
                None => all.headers,
            },
        }
    }

    /// What a fragment sees that says nothing of its own: all that its app may see, and the visitor's languages.
    pub(crate) fn all_of(app: &App) -> Self {
        let named = app.headers.iter().filter_map(|name| name.parse().ok());
        Self {
            cookies: app.cookies.clone(),
            headers: in_order(named.filter(is_handed_on).chain([header::ACCEPT_LANGUAGE])),
        }
    }

    /// True when a request with these headers is one of a user who has signed in for it: its answer is never kept.
    pub(crate) fn is_authorized(&self, received: &HeaderMap) -> bool {
        self.headers.contains(&header::AUTHORIZATION) && received.contains_key(header::AUTHORIZATION)
    }
}

fn in_order(names: impl Iterator<Item = HeaderName>) -> Vec<HeaderName> {
    let mut names: Vec<HeaderName> = names.collect();
    names.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    names.dedup();
    names
}

/// False for headers that the composer or a connection decides, whatever a manifest asks for.
pub(crate) fn is_handed_on(name: &HeaderName) -> bool {
    const KEPT: &[&str] = &[
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        contract::header::REQUEST_ID,
        contract::header::TRACEPARENT,
    ];
    const KEPT_PREFIXES: &[&str] = &["marquetry-", "proxy-", "x-forwarded-"];
    let name = name.as_str();
    !KEPT.contains(&name) && !KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_cannot_ask_for_what_the_composer_decides() {
        let asks = |name: &str| is_handed_on(&name.parse().unwrap());
        assert!(asks("authorization") && asks("user-agent"));
        for kept in [
            "cookie",
            "host",
            "x-forwarded-for",
            "marquetry-base",
            "Proxy-Authorization",
        ] {
            assert!(!asks(kept), "{kept}");
        }
    }
}
