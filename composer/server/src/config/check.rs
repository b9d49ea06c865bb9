//! From text to a checked [`Config`]; breaches are collected, so that one start names them all.

mod pages;
mod fetch;
mod releases;

use std::{
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use composer_registry::{AppSource, snapshot::ASSET_BYTES};
use contract::{
    Prefix,
    manifest::Breach,
    toml_keys::{Keys, Source},
};

use super::{Config, KEYS, Limits, LogFilter, Pages, TlsFiles};

const LARGEST_FILE_BYTES: u64 = 1 << 20;

/// Reads the file at `path`.
pub(super) fn file(path: &Path) -> Result<Config, Vec<Breach>> {
    let broken = |rule: String| {
        vec![Breach {
            file: path.display().to_string(),
            line: 1,
            key: String::new(),
            rule,
        }]
    };
    let size = std::fs::metadata(path).map_err(|error| broken(format!("cannot be read: {error}")))?;
    if size.len() > LARGEST_FILE_BYTES {
        return Err(broken(format!(
            "must have at most {LARGEST_FILE_BYTES} bytes, got {}",
            size.len()
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|error| broken(format!("cannot be read: {error}")))?;
    self::text(path, &text)
}

/// Checks `text`; relative paths in it begin at the folder of `file`.
pub(super) fn text(file: &Path, text: &str) -> Result<Config, Vec<Breach>> {
    let name = file.display().to_string();
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let read = Source::read(&name, text, KEYS, |source, keys| Reader { source, folder }.root(keys))?;
    Ok(Config {
        file: file.to_owned(),
        ..read
    })
}

struct Reader<'s, 't> {
    source: &'s mut Source<'t>,
    folder: PathBuf,
}

impl Reader<'_, '_> {
    fn root(mut self, keys: &Keys<'_>) -> Option<Config> {
        let listen = self.address(keys, "listen", 8080);
        let admin_listen = self.address(keys, "admin_listen", 8081);
        let prefix = self.prefix(keys);
        let hosts = keys.list(self.source, "hosts");
        // Resolved once, so that a link in it can be told from one that leads out of it.
        let static_dir = self
            .folder(keys, "static_dir")
            .and_then(|path| path.canonicalize().ok());
        let shell_dir = self.folder(keys, "shell_dir");
        let threads = self.count(keys, "threads", 1..=1_024, cores());
        let log = keys.parsed::<LogFilter>(self.source, "log");
        let tls = keys.table(self.source, "tls");
        let tls = tls.and_then(|table| self.tls(&table));
        let limits = keys.table(self.source, "limits");
        let limits = limits.map_or_else(Limits::default, |table| self.limits(&table));
        let fetch = keys.table(self.source, "fetch");
        let mut fetch = fetch.map_or_else(composer_fetch::Config::default, |table| self.fetch(&table));
        let cache = keys.table(self.source, "cache");
        let cache_bytes = cache.and_then(|table| table.integer(self.source, "bytes", 0..=1 << 40));
        fetch.cache_bytes = cache_bytes.unwrap_or(fetch.cache_bytes);
        let pages = keys.table(self.source, "pages");
        let pages = pages.map_or_else(Pages::default, |table| self.pages(&table));
        let apps = keys.tables(self.source, "apps");
        let apps = apps.iter().filter_map(|(_, table)| self.app(table)).collect();
        let data_dir = self.path(keys, "data_dir");
        if data_dir.is_some() && keys.has("apps") {
            keys.breach(
                self.source,
                "apps",
                "must not stand beside `data_dir`: apps are fixed, or published and released",
            );
        }
        let admin_hosts = keys.list(self.source, "admin_hosts");
        let audience = self.audience(keys);
        let overrides = self.overrides(keys);
        let networks = self.networks(keys);
        if listen == admin_listen && listen.port() != 0 {
            keys.breach(self.source, "admin_listen", "must differ from `listen`");
        }
        Some(Config {
            file: PathBuf::new(),
            listen,
            admin_listen,
            prefix,
            hosts,
            static_dir,
            shell_dir,
            threads,
            log: log.or_else(|| LogFilter::from_str("info").ok())?,
            tls,
            limits,
            fetch,
            pages,
            apps,
            data_dir,
            admin_hosts,
            audience,
            overrides,
            inspector: self.inspector(keys),
            networks,
        })
    }

    fn tls(&mut self, keys: &Keys<'_>) -> Option<TlsFiles> {
        let certificate = self.required_path(keys, "certificate");
        let key = self.required_path(keys, "key");
        for (name, path) in [("certificate", &certificate), ("key", &key)] {
            if path.as_ref().is_some_and(|path| !path.is_file()) {
                keys.breach(self.source, name, "must name a file, there is none");
            }
        }
        Some(TlsFiles {
            certificate: certificate?,
            key: key?,
        })
    }

    fn limits(&mut self, keys: &Keys<'_>) -> Limits {
        let usual = Limits::default();
        Limits {
            connections: self.count(keys, "connections", 1..=1_000_000, usual.connections),
            requests: self.count(keys, "requests", 1..=1_000_000, usual.requests),
            queue: self.count(keys, "queue", 0..=1_000_000, usual.queue),
            queue_wait: self.time(keys, "queue_ms", 1..=10_000, usual.queue_wait),
            streams: u32::try_from(self.count(keys, "streams", 1..=1_024, 0))
                .ok()
                .filter(|count| *count > 0)
                .unwrap_or(usual.streams),
            tabs: self.count(keys, "tabs", 0..=1_000_000, usual.tabs),
            head: self.time(keys, "head_ms", 50..=60_000, usual.head),
            head_bytes: self.count(keys, "head_bytes", 8_192..=1 << 20, usual.head_bytes),
            head_fields: self.count(keys, "head_fields", 10..=1_000, usual.head_fields),
            idle: self.time(keys, "idle_ms", 50..=3_600_000, usual.idle),
            body_bytes: keys
                .integer(self.source, "body_bytes", 0..=4 << 30)
                .unwrap_or(usual.body_bytes),
            body_stall: self.time(keys, "body_stall_ms", 50..=600_000, usual.body_stall),
            write_stall: self.time(keys, "write_stall_ms", 50..=600_000, usual.write_stall),
            drain: self.time(keys, "drain_ms", 0..=600_000, usual.drain),
            drain_delay: self.time(keys, "drain_delay_ms", 0..=600_000, usual.drain_delay),
            asset_bytes: keys
                .integer(self.source, "asset_bytes", 1 << 20..=64 << 30)
                .unwrap_or(usual.asset_bytes),
        }
    }

    fn app(&mut self, keys: &Keys<'_>) -> Option<AppSource> {
        let dir = self.required_path(keys, "dir");
        let known = self.source.breaches.len();
        let origins = keys.list(self.source, "origins");
        if origins.is_empty() && self.source.breaches.len() == known {
            keys.breach(
                self.source,
                "origins",
                "is required: where the app's BFF listens, one or more",
            );
        }
        Some(AppSource { dir: dir?, origins })
    }

    fn address(&mut self, keys: &Keys<'_>, key: &str, port: u16) -> SocketAddr {
        let usual = SocketAddr::from(([127, 0, 0, 1], port));
        keys.parsed::<Address>(self.source, key).map_or(usual, |found| found.0)
    }

    fn prefix(&mut self, keys: &Keys<'_>) -> Prefix {
        let Some(text) = keys.string(self.source, "prefix") else {
            return Prefix::default();
        };
        match Prefix::new(text) {
            Ok(prefix) if text != "/static" => return prefix,
            Ok(_) => keys.breach(
                self.source,
                "prefix",
                "must not be `/static`, which is for `static_dir`",
            ),
            Err(rule) => keys.breach(self.source, "prefix", format!("{rule}, got `{text}`")),
        }
        Prefix::default()
    }

    fn folder(&mut self, keys: &Keys<'_>, key: &str) -> Option<PathBuf> {
        let path = self.path(keys, key)?;
        if !path.is_dir() {
            keys.breach(
                self.source,
                key,
                format!("must name a folder, there is none at `{}`", path.display()),
            );
        }
        Some(path)
    }

    fn required_path(&mut self, keys: &Keys<'_>, key: &str) -> Option<PathBuf> {
        if !keys.has(key) {
            keys.missing(self.source, key);
        }
        self.path(keys, key)
    }

    fn path(&mut self, keys: &Keys<'_>, key: &str) -> Option<PathBuf> {
        let text = keys.string(self.source, key)?;
        if text.is_empty() {
            keys.breach(self.source, key, "must not be empty");
            return None;
        }
        Some(self.folder.join(text))
    }

    fn count(&mut self, keys: &Keys<'_>, key: &str, range: RangeInclusive<u64>, usual: usize) -> usize {
        let number = keys.integer(self.source, key, range);
        number.and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    }

    fn time(&mut self, keys: &Keys<'_>, key: &str, range_ms: RangeInclusive<u64>, usual: Duration) -> Duration {
        keys.integer(self.source, key, range_ms)
            .map_or(usual, Duration::from_millis)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            requests: 8_192,
            queue: 1_024,
            queue_wait: Duration::from_millis(15),
            streams: 100,
            tabs: 2_048,
            head: Duration::from_secs(10),
            head_bytes: 32 << 10,
            head_fields: 100,
            idle: Duration::from_secs(60),
            body_bytes: 8 << 20,
            body_stall: Duration::from_secs(10),
            write_stall: Duration::from_secs(20),
            drain: Duration::from_secs(10),
            drain_delay: Duration::from_millis(250),
            asset_bytes: ASSET_BYTES,
        }
    }
}

/// An address to listen at.
pub(super) struct Address(pub(super) SocketAddr);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| format!("must be an address and a port like `127.0.0.1:8080`, got `{text}`"))
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
