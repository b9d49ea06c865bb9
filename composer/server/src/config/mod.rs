//! The configuration `composer.toml`. `docs/configuration.md` lists every key.

mod check;
mod env;

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use composer_fetch::Networks;
use composer_registry::AppSource;
use http::HeaderName;
use tracing_subscriber::{EnvFilter, filter::Targets};

use contract::{OpenTabs, Prefix, manifest::Breach, toml_keys::Known};

pub(crate) use env::notify_socket;

/// The file's usual name.
pub const FILE: &str = "composer.toml";

/// Every key, table by table.
pub const KEYS: Known = &[
    (
        "",
        &[
            "listen",
            "admin_listen",
            "prefix",
            "hosts",
            "static_dir",
            "shell_dir",
            "threads",
            "log",
            "tls",
            "limits",
            "fetch",
            "cache",
            "pages",
            "apps",
            "data_dir",
            "admin_hosts",
            "audience",
            "overrides",
            "inspector",
            "instances",
        ],
    ),
    ("tls", &["certificate", "key"]),
    (
        "limits",
        &[
            "connections",
            "requests",
            "queue",
            "queue_ms",
            "streams",
            "tabs",
            "head_ms",
            "head_bytes",
            "head_fields",
            "idle_ms",
            "body_bytes",
            "body_stall_ms",
            "write_stall_ms",
            "drain_ms",
            "drain_delay_ms",
            "asset_bytes",
        ],
    ),
    ("cache", &["bytes"]),
    (
        "fetch",
        &[
            "connect_ms",
            "idle_ms",
            "idle_connections",
            "in_flight",
            "in_flight_per_app",
            "head_bytes",
            "retry_percent",
            "retry_per_s",
            "hedge",
            "breaker_percent",
            "breaker_open_ms",
            "breaker_longest_ms",
        ],
    ),
    (
        "pages",
        &["early_hints", "server_timing", "patience_ms", "compress", "open_tabs"],
    ),
    ("apps", &["dir", "origins"]),
    ("audience", &["cohort_header", "group_cookie", "group_key_file"]),
    ("overrides", &["enabled"]),
    ("inspector", &["offer", "development"]),
    ("instances", &["networks"]),
];

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from.
    pub file: PathBuf,
    /// Where pages are served.
    pub listen: SocketAddr,
    /// Where health and metrics are served.
    pub admin_listen: SocketAddr,
    /// What the composer's own paths begin with.
    pub prefix: Prefix,
    /// The hosts that are served; none stands for any.
    pub hosts: Vec<Host>,
    /// The folder behind `/static/`.
    pub static_dir: Option<PathBuf>,
    /// The packed loader and shell.
    pub shell_dir: Option<PathBuf>,
    /// Worker threads.
    pub threads: usize,
    /// What is logged.
    pub log: LogFilter,
    /// Certificate and key, when the public listener speaks TLS.
    pub tls: Option<TlsFiles>,
    /// What clients may ask for.
    pub limits: Limits,
    /// How BFFs are reached.
    pub fetch: composer_fetch::Config,
    /// What is told and sent with a page.
    pub pages: Pages,
    /// The apps that are served, when they are fixed.
    pub apps: Vec<AppSource>,
    /// The folder of ledger and files, when apps are published and released.
    pub data_dir: Option<PathBuf>,
    /// The hosts by which the admin API is asked; none stands for those of this machine and of `admin_listen`.
    pub admin_hosts: Vec<Host>,
    /// By what users are told apart.
    pub audience: AudienceConfig,
    /// Whether developers may see their own versions inside of this composer.
    pub overrides: bool,
    /// To whom pages offer the inspector.
    pub inspector: Inspector,
    /// Where instances of teams without networks of their own may run.
    pub networks: Networks,
}

/// `[audience]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceConfig {
    /// The header that names the cohort of a request.
    pub cohort_header: HeaderName,
    /// Where the groups of a signed-in user stand.
    pub group: Option<GroupCookie>,
}

/// The cookie with the groups of a signed-in user: a JWT with claim `groups`, signed by HS256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCookie {
    /// Its name.
    pub cookie: String,
    /// The file with the secret that it is signed by.
    pub key_file: PathBuf,
}

impl Config {
    /// Reads the configuration file, and the environment's overrides.
    ///
    /// # Errors
    /// Every breach that can be found.
    pub fn load(path: &Path) -> Result<Self, Vec<Breach>> {
        let read = check::file(path);
        env::overrides(read)
    }

    /// Tells whether the admin API may be asked by the name `host`, in lower case and maybe with a port.
    pub fn is_admin_host(&self, host: &str) -> bool {
        if !self.admin_hosts.is_empty() {
            return self.admin_hosts.iter().any(|known| known.covers(host));
        }
        let listen = match self.admin_listen.ip() {
            IpAddr::V4(ip) => Host(ip.to_string()),
            IpAddr::V6(ip) => Host(format!("[{ip}]")),
        };
        let own = ["localhost", "127.0.0.1", "[::1]"].map(|name| Host(name.into()));
        own.iter().chain([&listen]).any(|known| known.covers(host))
    }

    /// Checks a configuration's text. `file` is the name that errors use; paths are relative to its folder.
    ///
    /// # Errors
    /// Every breach that can be found, in the order of the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<Breach>> {
        check::text(file, text)
    }
}

/// `[tls]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// `[limits]`: what one client may use of the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Open connections, upgraded ones among them.
    pub connections: usize,
    /// Requests at once, from all connections.
    pub requests: usize,
    /// Requests that may wait for a place under `requests`.
    pub queue: usize,
    /// Time that a request may wait for its turn: for a place, and for the processor.
    pub queue_wait: Duration,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Tabs that listen for live events at once.
    pub tabs: usize,
    /// Time for a TLS handshake, and for the head of a request from its first byte on.
    pub head: Duration,
    /// Longest head of a request.
    pub head_bytes: usize,
    /// Most fields in a head.
    pub head_fields: usize,
    /// Time that a connection may wait for its next request.
    pub idle: Duration,
    /// Longest body of a request.
    pub body_bytes: u64,
    /// Time that a request's body may stand still.
    pub body_stall: Duration,
    /// Time that a client may leave a reply unread.
    pub write_stall: Duration,
    /// Time that a stop leaves to requests under way.
    pub drain: Duration,
    /// Time, out of `drain`, in which a stop still takes connections, so that others learn of it before they are refused.
    pub drain_delay: Duration,
    /// Memory for all assets, compressed copies included.
    pub asset_bytes: u64,
}

/// `[pages]`: how pages are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// Which browsers are told of a page's files before the page is there.
    pub early_hints: EarlyHints,
    /// Whether a page says what each of its fragments took.
    pub server_timing: bool,
    /// Time from a page's head on in which it waits for a slot in its place, before it goes on without it.
    pub patience: Duration,
    /// Whether pages and fragments are compressed.
    pub compress: bool,
    /// What tabs do about versions that don't say it.
    pub open_tabs: OpenTabs,
}

/// Which connections may carry `103 Early Hints`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyHints {
    /// None.
    Off,
    /// Those of HTTP/2.
    Http2,
    /// Those of HTTP/1.1 too: for a proxy in front that hands hints on.
    All,
}

/// `[inspector]`: who may look behind pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspector {
    /// To whom pages offer it.
    pub offer: Offer,
    /// Whether nobody but developers comes here: then pages have a button for it, and it asks for no token.
    pub development: bool,
}

/// To whom pages offer the inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// To nobody.
    Off,
    /// To browsers that show an override.
    Overrides,
    /// To everybody.
    On,
}

/// A host that is served: `shop.example`, at any port, or `shop.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// As text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether `host`, in lower case and maybe with a port, is this one.
    pub fn covers(&self, host: &str) -> bool {
        let without_port = host.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
        self.0 == host || without_port.is_some_and(|(name, _)| name == self.0)
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        crate::spelling::host(text)
            .map(Self)
            .ok_or_else(|| format!("must be a host like `shop.example` or `127.0.0.1:8080`, got `{text}`"))
    }
}

/// Which events are logged: `info`, `warn,composer_fetch=debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter itself.
    pub(crate) fn targets(&self) -> Targets {
        self.0.parse().unwrap_or_default()
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Targets alone would take a directive without a name.
        let is_filter = EnvFilter::try_new(text).is_ok() && text.parse::<Targets>().is_ok();
        (is_filter && !text.is_empty())
            .then(|| Self(text.into()))
            .ok_or_else(|| format!("must be a level or a filter like `info,composer_fetch=debug`, got `{text}`"))
    }
}

#[cfg(test)]
mod tests;
