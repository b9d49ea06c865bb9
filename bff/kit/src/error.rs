//! Why a BFF does not start, or stops.

use std::{fmt, io, net::SocketAddr};

use contract::manifest::Breach;

use crate::{config::EnvironmentError, sqlite::DatabaseError, upstream::UpstreamError};

/// Why a BFF does not start, or stops. Its `Debug` form is meant for people too, as `main` prints that one.
#[derive(thiserror::Error)]
pub enum Error {
    /// The manifest breaks rules.
    #[error("the manifest is not right:{}", lines(.0))]
    Manifest(Vec<Breach>),
    /// Manifest and handlers do not fit together.
    #[error("the BFF of `{app}` is not whole:{}", lines(.breaches))]
    Routes {
        /// The app.
        app: String,
        /// What does not fit.
        breaches: Vec<String>,
    },
    /// A variable of the environment breaks its rule.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The address of a service behind the BFF is none.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

fn lines<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n  {item}")).collect()
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
