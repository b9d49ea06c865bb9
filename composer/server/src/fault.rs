//! Everything that keeps a composer from starting, or from taking another configuration.

use std::{fmt, io, net::SocketAddr};

use composer_registry::{OpenError, SnapshotError};
use contract::manifest::Breach;

use crate::{tls::TlsError, visitor::KeyFileError};

/// Everything that keeps a composer from starting.
#[derive(Debug)]
pub struct StartError(pub Vec<Fault>);

/// One thing that keeps a composer from starting.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A rule that a file breaks.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// TLS can't be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is nothing to serve.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address is not to be had.
    #[error("`{key}`: can't listen at {address}")]
    Listen {
        /// The key of the configuration.
        key: &'static str,
        /// What it says.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// There is no thread for the admin listener.
    #[error("there is no thread for the admin listener")]
    Thread(#[source] io::Error),
    /// A supervisor has opened a socket that nothing is served at.
    #[error("the supervisor gives a socket at {address}, which is neither `listen` nor `admin_listen`")]
    Unwanted {
        /// Where it is.
        address: SocketAddr,
    },
}

/// Why there is nothing to serve.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A published version can't be served.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The data folder can't be used.
    #[error(transparent)]
    Registry(#[from] OpenError),
    /// The key of group cookies can't be used.
    #[error(transparent)]
    GroupKey(#[from] KeyFileError),
}

impl Fault {
    /// What is wrong, and why, in one line.
    pub(crate) fn told(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&fault.told())?;
        }
        Ok(())
    }
}

impl std::error::Error for StartError {}
