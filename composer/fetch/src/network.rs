//! Networks in CIDR notation: where instances may be.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::Arc,
};

/// A range of addresses, `10.0.0.0/8` or `fd00::/8`; a bare address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// Several networks; cheap to copy. None at all stands for the platform's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Networks(Arc<[Network]>);

/// Why a text is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It has not the form of one.
    #[error("`{}` must be a network like `10.0.0.0/8` or `fd00::/8`, or one address", .0.escape_debug())]
    Form(String),
    /// It has bits set after its prefix, so that one of the two is a mistake.
    #[error("`{given}` has bits set beyond its prefix: write `{meant}`")]
    HostBits {
        /// As given.
        given: String,
        /// The network in which it lies.
        meant: Network,
    },
    /// An IPv4 address in IPv6 notation.
    #[error("`{0}` must be written as an IPv4 network")]
    Mapped(String),
}

impl Network {
    /// Tells whether `address` lies in it; an IPv4 address in IPv6 notation counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(address.to_canonical(), self.bits) == Some(self.first)
    }
}

/// `address` with everything after the first `bits` cleared; `None` when it has fewer.
fn masked(address: IpAddr, bits: u8) -> Option<IpAddr> {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
            Some(Ipv4Addr::from_bits(v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(bits)?).unwrap_or(0);
            Some(Ipv6Addr::from_bits(v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let broken = || NetworkError::Form(text.into());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| broken())?;
        if address.to_canonical() != address {
            return Err(NetworkError::Mapped(text.into()));
        }
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => bits.parse().map_err(|_| broken())?,
            Some(_) => return Err(broken()),
            None => whole,
        };
        let first = masked(address, bits).ok_or_else(broken)?;
        if first == address {
            Ok(Self { first, bits })
        } else {
            Err(NetworkError::HostBits {
                given: text.into(),
                meant: Self { first, bits },
            })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl Networks {
    /// Reads a list of networks.
    ///
    /// # Errors
    /// The first text that is none.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, NetworkError> {
        texts.iter().map(|text| text.as_ref().parse()).collect()
    }

    /// The machine itself: `127.0.0.0/8` and `::1/128`.
    pub fn loopback() -> Self {
        let v4 = Network {
            first: Ipv4Addr::new(127, 0, 0, 0).into(),
            bits: 8,
        };
        let v6 = Network {
            first: Ipv6Addr::LOCALHOST.into(),
            bits: 128,
        };
        Self([v4, v6].into())
    }

    /// Tells whether `address` lies in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Networks {
    fn default() -> Self {
        Self([].into())
    }
}

impl FromIterator<Network> for Networks {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, network) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_with_its_prefix() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
            ("192.168.7.128/25", "192.168.7.129", "192.168.7.127"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.6"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("::/0", "2001:db8::1", "8.8.8.8"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::1", "::1", "::2"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "10.0.0/8",
            "a/8",
            "10.0.0.0/8/8",
            "10.0.0.0/999",
        ] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError::Form(bad.into())), "{bad}");
        }
        let error = "10.1.2.3/8".parse::<Network>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10.1.2.3/8` has bits set beyond its prefix: write `10.0.0.0/8`"
        );
        assert!(matches!(
            "::ffff:10.0.0.0/104".parse::<Network>(),
            Err(NetworkError::Mapped(_))
        ));
    }

    #[test]
    fn networks_are_written_as_they_are_read() {
        let networks = Networks::parse(&["127.0.0.0/8", "::1/128"]).unwrap();
        assert_eq!(networks, Networks::loopback());
        assert_eq!(networks.to_string(), "127.0.0.0/8, ::1/128");
    }
}
