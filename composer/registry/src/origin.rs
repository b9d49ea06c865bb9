//! The address of a BFF instance.

use std::{fmt, net::Ipv6Addr, str::FromStr};

/// Scheme, host and port of a BFF, `http://127.0.0.1:4103`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    authority: String,
}

/// Why a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` must be an origin like `http://127.0.0.1:4103`: `http`, a host, optionally a port, and no path", .0.escape_debug())]
pub struct OriginError(String);

impl Origin {
    /// Host and port, `127.0.0.1:4103`; the port is left out where the origin has none.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let broken = || OriginError(text.into());
        let authority = text.strip_prefix("http://").ok_or_else(broken)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        if !is_host(host) || !port_is_good {
            return Err(broken());
        }
        Ok(Self {
            authority: authority.to_ascii_lowercase(),
        })
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (good, authority) in [
            ("http://127.0.0.1:4103", "127.0.0.1:4103"),
            ("http://Checkout.internal/", "checkout.internal"),
            ("http://[::1]:80", "[::1]:80"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(good.parse::<Origin>().unwrap().authority(), authority);
        }
        for bad in [
            "",
            "127.0.0.1:1",
            "https://a",
            "http://",
            "http://a/b",
            "http://u@a",
            "http://a:0",
            "http://a:70000",
            "http://a b",
            "http://a?x",
            "http://[::1",
            "http://a:",
            "http://:1",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
