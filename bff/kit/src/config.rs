//! What a BFF takes from its environment; nothing else reads it.

use std::{net::SocketAddr, path::PathBuf};

const LISTEN: &str = "MARQUETRY_LISTEN";
const DATA_DIR: &str = "MARQUETRY_DATA_DIR";
const LOG: &str = "MARQUETRY_LOG";

/// A variable of the environment that breaks its rule.
#[derive(Debug, thiserror::Error)]
#[error("`{variable}` {rule}, got `{value}`")]
pub struct EnvironmentError {
    variable: &'static str,
    rule: &'static str,
    value: String,
}

/// The checked environment.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where to listen; port 0 lets the system choose.
    pub(crate) listen: SocketAddr,
    /// What to log, as `tracing` filters: `info`, `bff_kit=debug,info`.
    pub(crate) log: String,
}

impl Config {
    pub(crate) fn from_environment() -> Result<Self, EnvironmentError> {
        Self::read(variable)
    }

    fn read(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let listen = variable(LISTEN).unwrap_or_else(|| "127.0.0.1:0".into());
        let listen = listen.parse().map_err(|_| EnvironmentError {
            variable: LISTEN,
            value: listen,
            rule: "must be an address and a port, as `127.0.0.1:4101`",
        })?;
        Ok(Self {
            listen,
            log: variable(LOG).unwrap_or_else(|| "info".into()),
        })
    }
}

/// The folder for databases.
pub(crate) fn data_dir() -> PathBuf {
    variable(DATA_DIR).unwrap_or_else(|| "./data".into()).into()
}

#[expect(clippy::disallowed_methods, reason = "this is the config module")]
fn variable(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_has_defaults() {
        let config = Config::read(|_| None).unwrap();
        assert_eq!(
            (config.listen.to_string().as_str(), config.log.as_str()),
            ("127.0.0.1:0", "info")
        );
    }

    #[test]
    fn a_bad_address_is_named() {
        let error = Config::read(|name| (name == LISTEN).then(|| "here".into())).unwrap_err();
        let text = "`MARQUETRY_LISTEN` must be an address and a port, as `127.0.0.1:4101`, got `here`";
        assert_eq!(error.to_string(), text);
    }
}
