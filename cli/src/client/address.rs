//! The address of an admin API, checked.

use std::net::IpAddr;

use ureq::http::Uri;

use super::ClientError;

/// `http://127.0.0.1:8081`, without a `/` at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    is_tls: bool,
    is_local: bool,
}

impl Address {
    /// Checks what was given: `http` or `https`, a host, maybe a port and a path before the API's own.
    pub(crate) fn parse(given: &str) -> Result<Self, ClientError> {
        let broken = |rule| ClientError::Address {
            given: given.escape_debug().to_string(),
            rule,
        };
        let text = given.trim().trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| broken("is no URL"))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(broken("must begin with `http://` or `https://`")),
        };
        let authority = uri.authority().ok_or_else(|| broken("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(broken("must not hold a name or password; the token goes into a file"));
        }
        if uri.query().is_some() {
            return Err(broken("must not have a query"));
        }
        Ok(Self {
            text: text.to_owned(),
            is_tls,
            is_local: is_local(authority.host()),
        })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// True when what is sent leaves this machine unencrypted.
    pub(crate) fn is_open_to_others(&self) -> bool {
        !self.is_tls && !self.is_local
    }

    /// The URL of one call; `path` begins with `/`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Text as one part of a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let one = |b: u8| match plain(b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_or_https_with_a_host() {
        let good = Address::parse("http://127.0.0.1:8081/").unwrap();
        assert_eq!(good.url("/v1/status"), "http://127.0.0.1:8081/v1/status");
        assert!(!good.is_open_to_others());
        assert!(!Address::parse("http://[::1]:8081").unwrap().is_open_to_others());
        assert!(Address::parse("http://10.0.0.7:8081").unwrap().is_open_to_others());
        assert!(!Address::parse("https://admin.example").unwrap().is_open_to_others());
        for bad in [
            "",
            "127.0.0.1:8081",
            "ftp://x",
            "http://",
            "http://u:p@x",
            "http://x/?a=b",
            "http://a b",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_of_addresses_are_encoded() {
        assert_eq!(encoded("/a b?c&d=é"), "%2Fa%20b%3Fc%26d%3D%C3%A9");
    }
}
