//! What is live: the snapshot, and the way to the BFFs of exactly its versions.

use std::{fmt, sync::Arc};

use composer_fetch::{Upstream, UpstreamError, Upstreams};
use composer_page::Site;
use composer_registry::Snapshot;
use contract::Prefix;

/// A snapshot and its upstreams. A request keeps the one it began with.
pub(crate) struct Live {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) upstreams: Arc<Upstreams>,
}

impl Live {
    /// Makes `snapshot` reachable.
    ///
    /// # Errors
    /// When an app has no origin.
    pub(crate) fn new(
        snapshot: Arc<Snapshot>,
        prefix: &Prefix,
        config: &composer_fetch::Config,
    ) -> Result<Self, UpstreamError> {
        let site = &snapshot.stable().site;
        let manifests = site.apps().filter_map(|app| site.manifest(&app.app));
        let upstreams = manifests
            .map(|manifest| {
                let origins = snapshot.origins(&manifest.app_version());
                let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
                Upstream::new(manifest, prefix, &origins, config)
            })
            .collect::<Result<Upstreams, _>>()?;
        Ok(Self {
            upstreams: Arc::new(upstreams),
            snapshot,
        })
    }

    /// The site that is live.
    pub(crate) fn site(&self) -> &Arc<Site> {
        &self.snapshot.stable().site
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("composition", &self.snapshot.stable().composition)
            .finish_non_exhaustive()
    }
}
