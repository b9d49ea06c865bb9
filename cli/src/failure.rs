//! Why a command did not do what it was asked.

use std::io;

use composer_registry::PackError;
use composer_server::StartError;
use contract::manifest::Breach;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}", told(.0))]
    Breaches(Vec<Breach>),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("nothing is packed")]
    Pack(#[source] PackError),
    #[error("there are no threads to serve with")]
    Threads(#[source] io::Error),
    #[error("stdout is closed")]
    Stdout(#[source] io::Error),
    #[error("the signals to stop can't be listened to")]
    Signals(#[source] io::Error),
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Manifest(breaches) => Self::Breaches(breaches),
            other => Self::Pack(other),
        }
    }
}

/// All breaches, one a line, and how many they are.
fn told(breaches: &[Breach]) -> String {
    let mut text: String = breaches.iter().map(|breach| format!("{breach}\n")).collect();
    text += &match breaches.len() {
        1 => "1 rule is broken".to_owned(),
        many => format!("{many} rules are broken"),
    };
    text
}
