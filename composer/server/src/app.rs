//! What the handlers share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use composer_fetch::{Fleet, OriginTerms};
use composer_registry::Registry;
use contract::{AppVersion, Composition, Prefix};

use crate::{
    accept::Listeners,
    canary::Canaries,
    clock::now_s,
    config::{Config, Inspector},
    drain::Drain,
    events::Events,
    instances::Instances,
    keys::Keys,
    live::{Live, Moment},
    lock,
    overload::Admission,
    overrides::Overrides,
    ready::ReadyPages,
    visitor::Traits,
};

/// What the handlers share; cheap to copy.
pub(crate) type App = Arc<Shared>;

/// Everything that outlives a request.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What the configuration says at this moment; read it by [`Shared::config`].
    pub(crate) configured: ArcSwap<Config>,
    pub(crate) prefix: Prefix,
    pub(crate) has_releases: bool,
    /// What is published and live.
    pub(crate) registry: Registry,
    /// Where every version's instances are.
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) live: Live,
    /// Whole pages of what is live.
    pub(crate) ready: ReadyPages,
    pub(crate) keys: Keys,
    pub(crate) traits: ArcSwap<Traits>,
    /// The instances that announced themselves.
    pub(crate) instances: Instances,
    pub(crate) overrides: Overrides,
    /// To whom pages offer the inspector.
    pub(crate) inspector: Inspector,
    pub(crate) canaries: Arc<Canaries>,
    /// What the apps' BFFs publish for open tabs.
    pub(crate) events: Arc<Events>,
    /// What the fleet was told of instances; held while it is told.
    pub(crate) placed: Mutex<BTreeMap<AppVersion, Vec<OriginTerms>>>,
    pub(crate) drain: Drain,
    pub(crate) listeners: Listeners,
    /// The gate before all requests of the public listener.
    pub(crate) admission: Arc<Admission>,
}

impl Shared {
    /// What the configuration says now. A request asks once for each thing, and keeps what it got.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.configured.load_full()
    }

    /// What is live at this moment.
    pub(crate) fn moment(&self) -> Arc<Moment> {
        self.live.moment(|snapshot| self.place_all(snapshot))
    }

    /// The lock by which a tab asks for `composition`.
    pub(crate) fn lock_of(&self, composition: &Composition) -> String {
        lock::sign(&self.keys.compositions, composition, now_s())
    }

    /// True when apps are published and released, false when the configuration names them.
    pub(crate) fn has_releases(&self) -> bool {
        self.has_releases
    }

    /// The path of the composer's own addresses.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.prefix
    }
}
