//! Decides where an instance may be: no way leads to link-local or the composer's own addresses, whoever registers them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
};

use arc_swap::ArcSwap;

use crate::{
    network::Networks,
    resolve::{Names, Resolve, SystemNames},
};

/// Metadata services of clouds that no range below covers: AWS over IPv6, Google over IPv6, Alibaba.
const METADATA: [IpAddr; 3] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
];

/// Says of each address, at each connect, whether an instance may be there.
#[derive(Debug)]
pub struct AddressGuard {
    /// `None` lets everything pass.
    platform: Option<ArcSwap<Networks>>,
    listeners: ArcSwap<Vec<SocketAddr>>,
    names: Names,
}

/// Why no instance may be at an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Nobody's instance may be there.
    #[error("`{address}` is {range}, where no instance may be")]
    Range {
        /// The address.
        address: IpAddr,
        /// What it is.
        range: &'static str,
    },
    /// The team may not use it.
    #[error("`{address}` is outside of the networks that the team may use: {networks}")]
    Outside {
        /// The address.
        address: IpAddr,
        /// The networks.
        networks: Networks,
    },
    /// The composer itself listens there.
    #[error("`{address}` is where the composer itself listens")]
    Listener {
        /// The address.
        address: SocketAddr,
    },
}

impl AddressGuard {
    /// Lets everything pass: who writes the composer's own configuration may reach what they like.
    pub fn open() -> Self {
        Self::with(None)
    }

    /// Lets pass what lies in a team's networks, or in `platform` for teams that have none.
    pub fn new(platform: Networks) -> Self {
        Self::with(Some(platform))
    }

    fn with(platform: Option<Networks>) -> Self {
        Self {
            platform: platform.map(ArcSwap::from_pointee),
            listeners: ArcSwap::default(),
            names: Names::new(Arc::new(SystemNames)),
        }
    }

    /// Looks names up by `resolver` instead of the system's.
    #[must_use]
    pub fn resolving_by(self, resolver: Arc<dyn Resolve>) -> Self {
        Self {
            names: Names::new(resolver),
            ..self
        }
    }

    /// Keeps instances from being where the composer itself listens; replaces what was said before.
    pub fn forbid_listeners(&self, listeners: Vec<SocketAddr>) {
        self.listeners.store(Arc::new(listeners));
    }

    /// Says anew what teams may use that have no networks of their own; nothing, where everything passes.
    pub fn set_platform(&self, networks: Networks) {
        if let Some(platform) = &self.platform {
            platform.store(Arc::new(networks));
        }
    }

    /// Checks an address before it is connected to.
    ///
    /// # Errors
    /// Why no instance may be there.
    pub fn check(&self, address: SocketAddr, networks: &Networks) -> Result<(), Forbidden> {
        let Some(platform) = &self.platform else { return Ok(()) };
        let ip = address.ip().to_canonical();
        if let Some(range) = forbidden_range(ip).or_else(|| forbidden_range(embedded(ip)?)) {
            return Err(Forbidden::Range { address: ip, range });
        }
        let platform = platform.load();
        let networks = if networks.is_empty() { &platform } else { networks };
        if !networks.contain(ip) {
            let networks = networks.clone();
            return Err(Forbidden::Outside { address: ip, networks });
        }
        let address = SocketAddr::new(ip, address.port());
        if self
            .listeners
            .load()
            .iter()
            .any(|listener| is_reached(*listener, address))
        {
            return Err(Forbidden::Listener { address });
        }
        Ok(())
    }

    /// The addresses of `host`.
    pub(crate) async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.names.resolve(host).await
    }
}

/// The name of the range in which nobody's instance may be.
fn forbidden_range(ip: IpAddr) -> Option<&'static str> {
    if METADATA.contains(&ip) {
        return Some("a cloud's metadata service");
    }
    match ip {
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("unspecified"),
        IpAddr::V4(v4) if v4.is_link_local() => Some("link-local"),
        IpAddr::V4(v4) if v4.is_multicast() => Some("multicast"),
        IpAddr::V4(v4) if v4.is_broadcast() => Some("broadcast"),
        IpAddr::V6(v6) if v6.is_unspecified() => Some("unspecified"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("link-local"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("multicast"),
        _ => None,
    }
}

/// The IPv4 address to which an IPv6 address leads by translation: RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291 §2.5.5.1.
fn embedded(ip: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(v6) = ip else { return None };
    let parts = v6.segments();
    let joined = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)).into();
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(joined(high, low)),
        [0x2002, high, low, ..] => Some(joined(high, low)),
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0, high, low] => Some(joined(high, low)),
        _ => None,
    }
}

/// Tells whether a connection to `address` would reach `listener`.
fn is_reached(listener: SocketAddr, address: SocketAddr) -> bool {
    if listener.port() != address.port() {
        return false;
    }
    let ip = listener.ip().to_canonical();
    ip == address.ip() || (ip.is_unspecified() && is_this_machine(address.ip()))
}

/// A socket can be bound only to an address of this machine.
fn is_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &AddressGuard, address: &str, networks: &[&str]) -> String {
        let checked = guard.check(address.parse().unwrap(), &Networks::parse(networks).unwrap());
        checked.err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn some_ranges_are_nobodys() {
        let guard = AddressGuard::new(Networks::loopback());
        for (address, range) in [
            ("169.254.169.254:80", "link-local"),
            ("[::ffff:169.254.169.254]:80", "link-local"),
            ("[64:ff9b::a9fe:a9fe]:80", "link-local"),
            ("[2002:a9fe:a9fe::1]:80", "link-local"),
            ("[::169.254.169.254]:80", "link-local"),
            ("[fe80::1]:80", "link-local"),
            ("[fd00:ec2::254]:80", "a cloud's metadata service"),
            ("0.0.0.0:80", "unspecified"),
            ("0.1.2.3:80", "unspecified"),
            ("[::]:80", "unspecified"),
            ("[::ffff:0.0.0.0]:80", "unspecified"),
            ("224.0.0.1:80", "multicast"),
            ("[ff02::1]:80", "multicast"),
            ("255.255.255.255:80", "broadcast"),
        ] {
            let found = check(&guard, address, &["0.0.0.0/0", "::/0"]);
            assert!(
                found.ends_with(&format!("is {range}, where no instance may be")),
                "{address}: {found}"
            );
        }
    }

    #[test]
    fn a_team_without_networks_has_those_of_the_platform() {
        let guard = AddressGuard::new(Networks::loopback());
        assert_eq!(check(&guard, "127.0.0.1:80", &[]), "");
        assert_eq!(check(&guard, "[::1]:80", &[]), "");
        assert_eq!(
            check(&guard, "10.0.0.7:80", &[]),
            "`10.0.0.7` is outside of the networks that the team may use: 127.0.0.0/8, ::1/128"
        );
        assert_eq!(check(&guard, "10.0.0.7:80", &["10.0.0.0/8"]), "");
        assert!(check(&guard, "127.0.0.1:80", &["10.0.0.0/8"]).contains("outside"));
    }

    #[test]
    fn the_composers_own_listeners_are_no_instances() {
        let guard = AddressGuard::new(Networks::loopback());
        guard.forbid_listeners(vec!["127.0.0.1:8080".parse().unwrap(), "[::]:9090".parse().unwrap()]);
        for own in [
            "127.0.0.1:8080",
            "[::ffff:127.0.0.1]:8080",
            "127.0.0.1:9090",
            "127.8.8.8:9090",
            "[::1]:9090",
        ] {
            assert!(
                check(&guard, own, &[]).ends_with("is where the composer itself listens"),
                "{own}"
            );
        }
        for other in ["127.0.0.2:8080", "127.0.0.1:8081", "[::1]:8080"] {
            assert_eq!(check(&guard, other, &[]), "", "{other}");
        }
        // An address for documentation is not this machine's.
        assert_eq!(check(&guard, "192.0.2.1:9090", &["192.0.2.0/24"]), "");
    }

    #[test]
    fn an_open_guard_lets_everything_pass() {
        let guard = AddressGuard::open();
        guard.forbid_listeners(vec!["127.0.0.1:8080".parse().unwrap()]);
        for any in ["169.254.169.254:80", "10.0.0.1:80", "127.0.0.1:8080"] {
            assert_eq!(check(&guard, any, &[]), "");
        }
    }
}
