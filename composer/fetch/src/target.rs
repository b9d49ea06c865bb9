//! Where an instance listens, and how to get there past the guard.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use http::{
    HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Config, FetchError,
    guard::{AddressGuard, Forbidden},
    network::Networks,
};

/// The longest name with a scheme and a port has fewer.
const LONGEST_BYTES: usize = 300;

/// Why an origin can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It isn't an address that the composer can connect to.
    #[error("`{}` must be an origin like `http://127.0.0.1:4103`", .0.escape_debug())]
    Form(String),
    /// It is longer than any address.
    #[error("an origin has at most {LONGEST_BYTES} bytes, this one has {0}")]
    Long(usize),
    /// No instance may be there.
    #[error("origin `{origin}`: {why}")]
    Forbidden {
        /// As given.
        origin: String,
        /// Why.
        why: Forbidden,
    },
}

/// Scheme, host and port of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: Host,
    port: u16,
    authority: Authority,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Literal(IpAddr),
    Name(Box<str>),
}

/// An address, and what decides whether it may be connected to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) address: Address,
    pub(crate) networks: Networks,
    host_header: HeaderValue,
    guard: Arc<AddressGuard>,
    config: Arc<Config>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Connect(#[from] io::Error),
}

impl From<DialError> for FetchError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Forbidden(error) => Self::Forbidden(error),
            DialError::Connect(error) => Self::Connect(error),
        }
    }
}

impl Address {
    /// Reads `http://host:port`; nothing may follow.
    pub(crate) fn parse(text: &str) -> Result<Self, OriginError> {
        let wrong = || OriginError::Form(text.into());
        // A port may have any number of zeros before it.
        if text.len() > LONGEST_BYTES {
            return Err(OriginError::Long(text.len()));
        }
        let uri: Uri = text.to_ascii_lowercase().parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if uri.scheme() != Some(&Scheme::HTTP) || !bare || authority.as_str().contains('@') {
            return Err(wrong());
        }
        let host = authority.host();
        let port = match authority.as_str().get(host.len()..) {
            None | Some("") => 80,
            Some(_) => authority.port_u16().filter(|port| *port > 0).ok_or_else(wrong)?,
        };
        Ok(Self {
            host: Host::parse(host).ok_or_else(wrong)?,
            port,
            authority: authority.clone(),
        })
    }

    /// Host and port as written.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']')?;
            return inner.parse().ok().map(|ip| Self::Literal(IpAddr::V6(ip)));
        }
        if let Ok(ip) = text.parse() {
            return Some(Self::Literal(IpAddr::V4(ip)));
        }
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        // `127.1` and `0x7f000001` are addresses to some resolvers: a name doesn't end in a number.
        let ends_in_number = |text: &str| {
            let last = text.rsplit('.').next().unwrap_or_default();
            last.starts_with("0x") || last.bytes().all(|b| b.is_ascii_digit())
        };
        let name = text.strip_suffix('.').unwrap_or(text);
        let good = name.len() <= 253 && name.split('.').all(label) && !ends_in_number(name);
        good.then(|| Self::Name(text.into()))
    }
}

impl AddressGuard {
    /// Checks an origin before it is registered: its form, and its address if that is written in it. A name is checked
    /// whenever it is connected to.
    ///
    /// # Errors
    /// When it is no plain `http://host:port`, or no instance may be there.
    pub fn check_literal(&self, origin: &str, networks: &Networks) -> Result<(), OriginError> {
        let address = Address::parse(origin)?;
        let Host::Literal(ip) = address.host else { return Ok(()) };
        let checked = self.check(SocketAddr::new(ip, address.port), networks);
        checked.map_err(|why| OriginError::Forbidden {
            origin: origin.into(),
            why,
        })
    }
}

impl Target {
    pub(crate) fn new(address: Address, networks: Networks, guard: Arc<AddressGuard>, config: Arc<Config>) -> Self {
        let host_header = HeaderValue::from_str(address.authority.as_str()).expect("an authority is plain ASCII");
        Self {
            address,
            networks,
            host_header,
            guard,
            config,
        }
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    pub(crate) fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Connects, within the configured time.
    pub(crate) async fn dial(&self) -> Result<TcpStream, DialError> {
        let limit = self.config.connect_timeout;
        let stream = match &self.address.host {
            Host::Literal(ip) => {
                let address = SocketAddr::new(*ip, self.address.port);
                self.guard.check(address, &self.networks)?;
                timeout(limit, TcpStream::connect(address))
                    .await
                    .unwrap_or_else(|_| too_slow())?
            }
            Host::Name(name) => self.dial_name(name, Instant::now() + limit).await?,
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Tries the allowed addresses of `name` in random order; each gets its share of the time that is left.
    async fn dial_name(&self, name: &str, due: Instant) -> Result<TcpStream, DialError> {
        let found = timeout_at(due, self.guard.resolve(name))
            .await
            .unwrap_or_else(|_| too_slow())?;
        let checked = found.into_iter().map(|ip| {
            let address = SocketAddr::new(ip, self.address.port);
            self.guard.check(address, &self.networks).map(|()| address)
        });
        let (allowed, forbidden): (Vec<_>, Vec<_>) = checked.partition(Result::is_ok);
        let mut failure = forbidden.into_iter().find_map(Result::err).map(DialError::Forbidden);
        let allowed: Vec<SocketAddr> = allowed.into_iter().flatten().collect();
        let mut left = u32::try_from(allowed.len()).unwrap_or(u32::MAX);
        for address in allowed {
            let share = due.saturating_duration_since(Instant::now()) / left;
            left -= 1;
            match timeout(share, TcpStream::connect(address))
                .await
                .unwrap_or_else(|_| too_slow())
            {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = Some(error.into()),
            }
        }
        Err(failure.unwrap_or_else(|| io::Error::from(io::ErrorKind::NotFound).into()))
    }
}

fn too_slow<T>() -> io::Result<T> {
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_plain_http_with_a_host() {
        for (good, host, port) in [
            ("http://[::1]:4103", Host::Literal("::1".parse().unwrap()), 4103),
            ("http://127.0.0.1", Host::Literal("127.0.0.1".parse().unwrap()), 80),
            ("http://BFF.internal/", Host::Name("bff.internal".into()), 80),
            ("http://cart_2.ns.svc.:81", Host::Name("cart_2.ns.svc.".into()), 81),
        ] {
            let address = Address::parse(good).unwrap();
            assert_eq!((address.host, address.port), (host, port), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:1",
            "https://a",
            "http://a/b",
            "http://a/?x",
            "http://u@a",
            "ftp://a",
            "http://a:0",
            "http://a:70000",
            "http://a:",
            "http://:80",
            "http://[::1",
            "http://[fe80::1%25eth0]:80",
            "http://2130706433",
            "http://127.1",
            "http://0x7f000001",
            "http://a..b",
            "http://a b",
            "http://a%00b",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        let long = format!("http://a:{}80", "0".repeat(300));
        assert_eq!(Address::parse(&long), Err(OriginError::Long(long.len())));
    }

    #[test]
    fn an_address_is_checked_where_it_is_written() {
        let guard = AddressGuard::new(Networks::loopback());
        let check = |origin: &str| guard.check_literal(origin, &Networks::default());
        assert_eq!(check("http://127.0.0.1:4103"), Ok(()));
        assert_eq!(check("http://reviews.internal:4103"), Ok(()));
        assert_eq!(
            check("http://169.254.169.254").unwrap_err().to_string(),
            "origin `http://169.254.169.254`: `169.254.169.254` is link-local, where no instance may be"
        );
        assert!(check("http://[::ffff:169.254.169.254]").is_err());
    }
}
