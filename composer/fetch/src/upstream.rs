//! A live version of an app as the composer reaches it: its origins, and what its BFF may see.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use contract::{AppName, AppVersion, Prefix, manifest::Manifest};
use http::{HeaderName, HeaderValue, Uri, uri::Scheme};

use crate::{Config, FetchError, connection::Connection};

/// A version of an app and where its BFF runs.
#[derive(Debug)]
pub struct Upstream {
    app: AppVersion,
    base: HeaderValue,
    cookies: Vec<String>,
    headers: Vec<HeaderName>,
    origins: Vec<Arc<Origin>>,
    turn: AtomicUsize,
}

/// All apps that are live, each at its one version.
#[derive(Debug, Default)]
pub struct Upstreams(HashMap<AppName, Arc<Upstream>>);

/// Why an origin can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// None is given.
    #[error("an app needs at least one origin")]
    None,
    /// It isn't an address that the composer can connect to.
    #[error("`{0}` must be an origin like `http://127.0.0.1:4103`")]
    Origin(String),
}

/// One place where a BFF listens, and the idle connections to it.
#[derive(Debug)]
pub(crate) struct Origin {
    host: String,
    port: u16,
    authority: HeaderValue,
    config: Config,
    idle: Mutex<VecDeque<Connection>>,
    in_flight: AtomicUsize,
}

/// One request's share of an origin.
#[derive(Debug)]
pub(crate) struct Turn<'o>(&'o Origin);

impl Upstream {
    /// The app of `manifest`, reached at `origins` in turn.
    ///
    /// # Errors
    /// When an origin is no plain `http://host:port`, or none is given.
    pub fn new(
        manifest: &Manifest,
        prefix: &Prefix,
        origins: &[String],
        config: &Config,
    ) -> Result<Self, UpstreamError> {
        let app = manifest.app_version();
        let base = HeaderValue::try_from(prefix.app_base(&app)).expect("prefix and names are plain ASCII");
        let origins = origins
            .iter()
            .map(|origin| Origin::parse(origin, config).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        if origins.is_empty() {
            return Err(UpstreamError::None);
        }
        let headers = manifest.app.headers.iter().filter_map(|name| name.parse().ok());
        Ok(Self {
            app,
            base,
            cookies: manifest.app.cookies.clone(),
            headers: headers.filter(is_handed_on).collect(),
            origins,
            turn: AtomicUsize::new(0),
        })
    }

    /// The app and its version.
    pub fn app(&self) -> &AppVersion {
        &self.app
    }

    /// Where browsers reach its BFF, the value of `marquetry-base`.
    pub fn base(&self) -> &HeaderValue {
        &self.base
    }

    /// The cookies that it sees and sets.
    pub fn cookies(&self) -> &[String] {
        &self.cookies
    }

    /// The headers that its manifest asks for.
    pub fn headers(&self) -> &[HeaderName] {
        &self.headers
    }

    /// The `host:port` that the next request goes to: the origins take turns.
    pub fn authority(&self) -> &HeaderValue {
        &self.origin().authority
    }

    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origins[self.turn.fetch_add(1, Relaxed) % self.origins.len()]
    }
}

impl Upstreams {
    /// The live version of `app`.
    pub fn get(&self, app: &AppName) -> Option<&Arc<Upstream>> {
        self.0.get(app)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.0.values()
    }
}

impl FromIterator<Upstream> for Upstreams {
    fn from_iter<I: IntoIterator<Item = Upstream>>(upstreams: I) -> Self {
        let named = |upstream: Upstream| (upstream.app.app.clone(), Arc::new(upstream));
        Self(upstreams.into_iter().map(named).collect())
    }
}

/// Headers that the composer or a connection decides, whatever a manifest asks for.
fn is_handed_on(name: &HeaderName) -> bool {
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

impl Origin {
    fn parse(text: &str, config: &Config) -> Result<Self, UpstreamError> {
        let wrong = || UpstreamError::Origin(text.into());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if uri.scheme() != Some(&Scheme::HTTP) || !bare || authority.as_str().contains('@') {
            return Err(wrong());
        }
        let host = authority.host();
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').into(),
            port: authority.port_u16().unwrap_or(80),
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| wrong())?,
            config: config.clone(),
            idle: Mutex::default(),
            in_flight: AtomicUsize::new(0),
        })
    }

    pub(crate) fn authority(&self) -> &HeaderValue {
        &self.authority
    }

    /// Counts one more request, until the turn is dropped.
    pub(crate) fn take_turn(&self) -> Result<Turn<'_>, FetchError> {
        let limit = self.config.max_in_flight_per_origin;
        let turn = Turn(self);
        if self.in_flight.fetch_add(1, Relaxed) < limit {
            Ok(turn)
        } else {
            Err(FetchError::Busy { limit })
        }
    }

    /// The idle connection that was used last.
    pub(crate) fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut connection) = idle.pop_back() {
            if connection.is_usable(&self.config) {
                return Some(connection);
            }
        }
        None
    }

    pub(crate) async fn connect(&self) -> Result<Connection, FetchError> {
        Connection::open(&self.host, self.port, &self.config).await
    }

    /// Keeps `connection`, whose response was read to its end, for another request.
    pub(crate) fn give_back(&self, mut connection: Connection) {
        connection.rest();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.front_mut().is_some_and(|oldest| !oldest.is_usable(&self.config)) {
            idle.pop_front();
        }
        if idle.len() < self.config.max_idle_per_origin {
            idle.push_back(connection);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_plain_http_with_a_host() {
        let parse = |text: &str| Origin::parse(text, &Config::default());
        let origin = parse("http://[::1]:4103").unwrap();
        assert_eq!((origin.host.as_str(), origin.port), ("::1", 4103));
        assert_eq!(parse("http://bff.internal/").unwrap().port, 80);
        for bad in [
            "",
            "127.0.0.1:1",
            "https://a",
            "http://a/b",
            "http://a/?x",
            "http://u@a",
            "ftp://a",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

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
