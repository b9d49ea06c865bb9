//! What the handlers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use contract::Prefix;

use crate::{config::Config, drain::Drain, live::Live};

/// What the handlers share; cheap to copy.
pub(crate) type App = Arc<Shared>;

/// Everything that outlives a request.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) live: ArcSwap<Live>,
    pub(crate) drain: Drain,
}

impl Shared {
    /// What is live at this moment.
    pub(crate) fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// The path of the composer's own addresses.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.config.prefix
    }
}
