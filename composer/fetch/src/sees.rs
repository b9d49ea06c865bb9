//! What a fragment sees of the browser's request, beyond its address: exactly this is in the key of the cache.

use contract::manifest::{App, Fragment};
use http::{HeaderName, header};

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
    pub(crate) fn of(app: &App, _fragment: &Fragment) -> Self {
        Self::all_of(app)
    }

    /// What a fragment sees that says nothing of its own: all that its app may see, and the visitor's languages.
    pub(crate) fn all_of(app: &App) -> Self {
        let named = app.headers.iter().filter_map(|name| name.parse().ok());
        let mut headers: Vec<HeaderName> = named.filter(is_handed_on).collect();
        headers.push(header::ACCEPT_LANGUAGE);
        headers.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        headers.dedup();
        Self {
            cookies: app.cookies.clone(),
            headers,
        }
    }
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
