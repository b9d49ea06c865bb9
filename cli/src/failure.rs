//! Why a command did not do what it was asked, and the exit code that says so.

use std::{io, path::Path};

use composer_registry::{PackError, PackedError};
use composer_server::{HandOverError, StartError};
use contract::manifest::{self, Breach};

use crate::{client::ClientError, output::clean, settings::SettingsError};

/// It failed, or a rule refuses it.
const REFUSED: u8 = 1;
/// The command line is wrong; clap says the same.
const USAGE: u8 = 2;
/// No composer could be reached.
const UNREACHED: u8 = 3;
/// The token is missing, unknown, or not allowed to.
const NOT_ALLOWED: u8 = 4;
/// Somebody else was first.
const CONFLICT: u8 = 5;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}", told(.0))]
    Breaches(Vec<Breach>),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("nothing is packed")]
    Pack(#[source] PackError),
    #[error(transparent)]
    Packed(#[from] PackedError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Step(#[from] cli_bundle::StepError),
    #[error(transparent)]
    Bind(#[from] cli_bundle::BindError),
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The command line is well-formed, but makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A rule of ours, or a check, says no: what, and what to do.
    #[error("{0}")]
    Refused(String),
    #[error("{what}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
    #[error("there are no threads to serve with")]
    Threads(#[source] io::Error),
    #[error("stdout is closed")]
    Stdout(#[source] io::Error),
    #[error("the sockets that the supervisor gives can't be used")]
    Supervisor(#[source] io::Error),
    #[error("this program doesn't know where it is")]
    Program(#[source] io::Error),
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    #[error("the signals to stop can't be listened to")]
    Signals(#[source] io::Error),
}

impl Failure {
    /// The exit code; `marquetry --help` and docs/cli.md list them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Settings(_) | Self::Client(ClientError::Address { .. }) => USAGE,
            Self::Client(ClientError::Refused(refused)) => match refused.problem.status {
                401 | 403 => NOT_ALLOWED,
                409 => CONFLICT,
                _ => REFUSED,
            },
            Self::Client(_) => UNREACHED,
            _ => REFUSED,
        }
    }

    /// True when whoever read stdout has had enough, as `head` has: nothing is wrong.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The API's own document of the failure, for `--json`.
    pub(crate) fn json(&self) -> Option<&str> {
        match self {
            Self::Client(ClientError::Refused(refused)) => Some(&refused.text),
            _ => None,
        }
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Manifest(breaches) => Self::Breaches(breaches),
            PackError::Read { path, source } if source.kind() == io::ErrorKind::NotFound => {
                Self::Refused(missing(&path))
            }
            other => Self::Pack(other),
        }
    }
}

fn missing(path: &Path) -> String {
    let next = if path.ends_with(manifest::FILE) {
        "give the folder of an app, which holds it; `marquetry new` makes one"
    } else {
        "build the app first with `marquetry build`, or say with `--assets FOLDER` where its files for browsers are"
    };
    format!(
        "`{}` is not there, so nothing is packed\n  next: {next}",
        path.display()
    )
}

/// All breaches, one a line, and how many they are.
fn told(breaches: &[Breach]) -> String {
    let mut text: String = breaches
        .iter()
        .map(|breach| clean(&format!("{breach}\n")).into_owned())
        .collect();
    text += &match breaches.len() {
        1 => "1 rule is broken".to_owned(),
        many => format!("{many} rules are broken"),
    };
    text
}
