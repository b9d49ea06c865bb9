//! What the handlers share.

use std::sync::Arc;

use contract::Prefix;

use crate::{config::Config, drain::Drain};

/// What the handlers share; cheap to copy.
pub(crate) type App = Arc<Shared>;

/// Everything that outlives a request.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) drain: Drain,
}

impl Shared {
    /// The path of the composer's own addresses.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.config.prefix
    }
}
