//! What every command takes: where the composer's admin API is, the token for it, and how to talk; flags first, then the environment.

use std::{env::VarError, fmt, fs::File, io::Read, path::PathBuf};

use clap::Args;

/// Where the admin API of a composer on this machine listens, unless it is configured otherwise.
const LOCAL_ADMIN: &str = "http://127.0.0.1:8081";
const ADMIN: &str = "MARQUETRY_ADMIN";
const LOG: &str = "MARQUETRY_LOG";
const PUBLIC: &str = "MARQUETRY_PUBLIC";
const TOKEN: &str = "MARQUETRY_TOKEN";
const TOKEN_FILE: &str = "MARQUETRY_TOKEN_FILE";
const MAX_TOKEN_BYTES: u64 = 1024;

/// The options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The composer's admin API [env: MARQUETRY_ADMIN] [default: http://127.0.0.1:8081]
    #[arg(long, global = true, value_name = "URL")]
    admin: Option<String>,
    /// A file that holds the token [env: MARQUETRY_TOKEN_FILE; or the token itself in MARQUETRY_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print what the API answers, as JSON, for machines
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing but what was asked for, and errors
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// How to talk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// For machines: JSON on stdout.
    pub(crate) json: bool,
    /// Only what was asked for.
    pub(crate) quiet: bool,
    /// The environment has no `NO_COLOR`, and the terminal is not a dumb one.
    pub(crate) may_colour: bool,
}

/// Whom to ask, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// Its address, as it was given.
    pub(crate) admin: String,
    /// The token, if there is one.
    pub(crate) token: Option<Token>,
}

/// A token. Nothing shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{from} can't be read: {why}")]
    Unreadable { from: String, why: String },
    #[error(
        "{from} holds no token: a token is `mq_` and then letters, digits, `_`, `-`; `marquetry token issue` makes one"
    )]
    NotAToken { from: String },
}

impl Global {
    /// How to talk.
    pub(crate) fn manner(&self) -> Manner {
        let set = |name| variable(name).is_ok_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_ok_and(|term| term == "dumb");
        Manner {
            json: self.json,
            quiet: self.quiet,
            may_colour: !set("NO_COLOR") && !dumb,
        }
    }

    /// Whom to ask, and as whom.
    pub(crate) fn server(&self) -> Result<Server, SettingsError> {
        let given = self.admin.clone().or_else(|| text(ADMIN));
        self.server_at(&given.unwrap_or_else(|| LOCAL_ADMIN.to_owned()))
    }

    /// The same with another address.
    pub(crate) fn server_at(&self, admin: &str) -> Result<Server, SettingsError> {
        Ok(Server {
            admin: admin.to_owned(),
            token: self.token()?,
        })
    }

    fn token(&self) -> Result<Option<Token>, SettingsError> {
        if let Some(path) = &self.token_file {
            return read_token(path).map(Some);
        }
        if let Some(given) = text(TOKEN) {
            return Token::new(&given, format!("`{TOKEN}` in the environment")).map(Some);
        }
        text(TOKEN_FILE)
            .map(|path| read_token(&PathBuf::from(path)))
            .transpose()
    }
}

impl Token {
    fn new(text: &str, from: String) -> Result<Self, SettingsError> {
        let text = text.trim();
        let rest = text.strip_prefix("mq_").unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if rest.is_empty() || text.len() as u64 > MAX_TOKEN_BYTES || !rest.bytes().all(plain) {
            return Err(SettingsError::NotAToken { from });
        }
        Ok(Self(text.to_owned()))
    }

    /// The value of the header that carries it.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

fn read_token(path: &PathBuf) -> Result<Token, SettingsError> {
    let from = format!("the token file `{}`", path.display());
    let mut held = String::new();
    let file = File::open(path);
    let read = file.and_then(|file| file.take(MAX_TOKEN_BYTES + 1).read_to_string(&mut held));
    read.map_err(|error| SettingsError::Unreadable {
        from: from.clone(),
        why: error.to_string(),
    })?;
    Token::new(&held, from)
}

/// What a developer's BFF logs: little, unless the environment says more.
pub(crate) fn developers_log() -> String {
    text(LOG).unwrap_or_else(|| "warn".into())
}

/// Where the composer's pages are, if the environment says it.
pub(crate) fn public() -> Option<String> {
    text(PUBLIC)
}

fn text(name: &str) -> Option<String> {
    variable(name).ok().filter(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_from_a_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "mq_3f9a12bc_secret\n").unwrap();
        let token = read_token(&path).unwrap();
        assert_eq!(token.authorization(), "Bearer mq_3f9a12bc_secret");
        assert!(!format!("{token:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_token_is_refused_without_showing_it() {
        for bad in [
            "",
            "mq_",
            "hunter2",
            "mq_a b",
            "mq_a\nb",
            &format!("mq_{}", "a".repeat(2000)),
        ] {
            let error = Token::new(bad, "it".into()).unwrap_err().to_string();
            assert!(
                error.starts_with("it holds no token") && !error.contains("hunter2"),
                "{error}"
            );
        }
        let missing = read_token(&PathBuf::from("/nowhere/token")).unwrap_err().to_string();
        assert!(
            missing.contains("the token file `/nowhere/token` can't be read"),
            "{missing}"
        );
    }
}
