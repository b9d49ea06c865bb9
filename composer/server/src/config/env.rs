//! What the environment overrides: the two addresses, for those who choose ports at the start.

use std::{env::VarError, ffi::OsString};

use contract::manifest::Breach;

use super::{Config, check::Address};

const LISTEN: &str = "MARQUETRY_LISTEN";
const ADMIN_LISTEN: &str = "MARQUETRY_ADMIN_LISTEN";

const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";

/// Where a supervisor wants to be told how far the composer is (`sd_notify(3)`).
pub(crate) fn notify_socket() -> Option<OsString> {
    std::env::var_os(NOTIFY_SOCKET).filter(|name| !name.is_empty())
}

/// Lays the environment over what was read; its breaches come last.
pub(super) fn overrides(read: Result<Config, Vec<Breach>>) -> Result<Config, Vec<Breach>> {
    let mut breaches = Vec::new();
    let listen = address(LISTEN, variable(LISTEN), &mut breaches);
    let admin_listen = address(ADMIN_LISTEN, variable(ADMIN_LISTEN), &mut breaches);
    let mut config = read.map_err(|mut found| {
        found.append(&mut breaches);
        found
    })?;
    if !breaches.is_empty() {
        return Err(breaches);
    }
    config.listen = listen.unwrap_or(config.listen);
    config.admin_listen = admin_listen.unwrap_or(config.admin_listen);
    Ok(config)
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

fn address(name: &str, value: Result<String, VarError>, breaches: &mut Vec<Breach>) -> Option<std::net::SocketAddr> {
    let rule = match value.map(|text| text.parse::<Address>()) {
        Err(VarError::NotPresent) => return None,
        Err(VarError::NotUnicode(_)) => "must be text".into(),
        Ok(Err(rule)) => rule,
        Ok(Ok(address)) => return Some(address.0),
    };
    breaches.push(Breach {
        file: "environment".into(),
        line: 1,
        key: name.into(),
        rule,
    });
    None
}
