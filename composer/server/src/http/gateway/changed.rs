//! What a BFF has changed by answering: kept answers that say what was true before are removed.

use std::sync::Arc;

use axum::extract::Request;
use composer_fetch::{Cache, Purge, Upstream, tags};
use http::{HeaderMap, HeaderName, StatusCode, header};
use tokio::task::spawn_blocking;

use crate::app::App;

const PURGE: HeaderName = HeaderName::from_static(contract::header::PURGE);

/// What a request may have changed, if its answer says that it succeeded.
pub(super) struct Change {
    is_unsafe: bool,
    path: String,
}

impl Change {
    /// What `request` for `path` may change.
    pub(super) fn of(request: &Request, path: &str) -> Self {
        Self {
            is_unsafe: !request.method().is_safe(),
            path: path.to_owned(),
        }
    }

    /// Removes what the answer makes untrue, of the answering app alone (RFC 9111 §4.4): before the browser has the answer, so
    /// that the page that it asks for next shows the change.
    pub(super) async fn after(self, app: &App, upstream: &Arc<Upstream>, status: StatusCode, headers: &HeaderMap) {
        let cache = app.fleet.cache();
        if self.is_unsafe && (status.is_success() || status.is_redirection()) {
            cache.invalidate(upstream, &self.path);
            let told = [header::LOCATION, header::CONTENT_LOCATION];
            let told = told.iter().filter_map(|name| headers.get(name)?.to_str().ok());
            for path in told.filter_map(|address| own_path(address, upstream)) {
                cache.invalidate(upstream, path);
            }
        }
        let tags = tags::in_purge(headers.get_all(PURGE));
        if !tags.is_empty() {
            purge(Arc::clone(cache), upstream, tags).await;
        }
    }
}

/// However many answers a BFF has given this tag, no other request waits for their removal.
async fn purge(cache: Arc<Cache>, upstream: &Upstream, tags: Vec<String>) {
    let what = Purge {
        app: upstream.app().app.clone(),
        version: None,
        tags,
    };
    if let Err(error) = spawn_blocking(move || cache.purge(&what)).await {
        tracing::warn!(app.version = %upstream.app(), %error, "a purge was broken off");
    }
}

/// The BFF's own path in an address of this version.
fn own_path<'a>(address: &'a str, upstream: &Upstream) -> Option<&'a str> {
    let at = address.split_once("://").map_or(Some(0), |(scheme, rest)| {
        rest.find('/').map(|slash| scheme.len() + 3 + slash)
    })?;
    let path = address.get(at..)?.strip_prefix(upstream.base().to_str().ok()?)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/').then_some(path)
}
