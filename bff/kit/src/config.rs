//! What a BFF takes from its environment; nothing else reads it.

use std::{fmt, net::SocketAddr, path::PathBuf};

use http::Uri;

const LISTEN: &str = "MARQUETRY_LISTEN";
const DATA_DIR: &str = "MARQUETRY_DATA_DIR";
const LOG: &str = "MARQUETRY_LOG";
const ADMIN: &str = "MARQUETRY_ADMIN";
const ORIGIN: &str = "MARQUETRY_ORIGIN";
const TOKEN: &str = "MARQUETRY_TOKEN";
const TOKEN_FILE: &str = "MARQUETRY_TOKEN_FILE";

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
    /// Where the instance announces itself; it doesn't without.
    pub(crate) registry: Option<Registry>,
}

/// The composer that an instance announces itself to.
#[derive(Clone)]
pub(crate) struct Registry {
    /// Its admin API: `http://127.0.0.1:8081`.
    pub(crate) admin: String,
    /// Where it reaches the instance, if that is not where the instance listens.
    pub(crate) origin: Option<String>,
    /// What allows it.
    pub(crate) token: Option<String>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("admin", &self.admin)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl EnvironmentError {
    /// Nobody reaches an instance at "any address".
    pub(crate) fn no_origin(listening: SocketAddr) -> Self {
        Self {
            variable: ORIGIN,
            rule: "must say where the composer reaches this instance, as `http://10.1.2.3:4101`, when it listens at every address",
            value: listening.to_string(),
        }
    }
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
            registry: registry(variable)?,
        })
    }
}

fn registry(variable: impl Fn(&'static str) -> Option<String>) -> Result<Option<Registry>, EnvironmentError> {
    let Some(admin) = variable(ADMIN) else { return Ok(None) };
    let origin = |name: &'static str, text: String| match text.parse::<Uri>() {
        Ok(uri) if uri.scheme_str() == Some("http") && matches!(uri.path(), "" | "/") && uri.query().is_none() => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(EnvironmentError {
            variable: name,
            rule: "must be an origin, as `http://127.0.0.1:8081`",
            value: text,
        }),
    };
    Ok(Some(Registry {
        admin: origin(ADMIN, admin)?,
        origin: variable(ORIGIN).map(|text| origin(ORIGIN, text)).transpose()?,
        token: token(&variable)?,
    }))
}

/// The token itself, or what the file that is named holds. Neither is ever told in an error.
fn token(variable: impl Fn(&'static str) -> Option<String>) -> Result<Option<String>, EnvironmentError> {
    let (name, text) = match (variable(TOKEN), variable(TOKEN_FILE)) {
        (Some(token), _) => (TOKEN, token),
        (None, Some(path)) => match std::fs::read_to_string(&path) {
            Ok(text) => (TOKEN_FILE, text),
            Err(_) => {
                return Err(EnvironmentError {
                    variable: TOKEN_FILE,
                    rule: "must name a file that can be read",
                    value: path,
                });
            }
        },
        (None, None) => return Ok(None),
    };
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(EnvironmentError {
            variable: name,
            rule: "must be, or hold, a token like `mq_…`",
            value: "something else".into(),
        });
    }
    Ok(Some(token.to_owned()))
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
    fn a_token_is_read_and_never_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Config::read(|name| match name {
                ADMIN => Some("http://127.0.0.1:8081/".into()),
                TOKEN_FILE => Some(file.display().to_string()),
                _ => None,
            })
        };
        let config = read("mq_3f9a12bc_secret\n").unwrap();
        let registry = config.registry.as_ref().unwrap();
        assert_eq!(
            (registry.admin.as_str(), registry.token.as_deref()),
            ("http://127.0.0.1:8081", Some("mq_3f9a12bc_secret"))
        );
        assert!(!format!("{config:?}").contains("secret"));
        let error = read("mq secret").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_bad_address_is_named() {
        let error = Config::read(|name| (name == LISTEN).then(|| "here".into())).unwrap_err();
        let text = "`MARQUETRY_LISTEN` must be an address and a port, as `127.0.0.1:4101`, got `here`";
        assert_eq!(error.to_string(), text);
    }
}
