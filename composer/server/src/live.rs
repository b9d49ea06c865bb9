//! What is live: the snapshot, and the way to the BFFs of exactly its versions.

use std::{fmt, sync::Arc};

use axum::body::Body;
use composer_fetch::{Upstream, UpstreamError, Upstreams};
use composer_page::Site;
use composer_registry::Snapshot;
use contract::Prefix;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

/// A snapshot and its upstreams. A request keeps the one it began with.
pub(crate) struct Live {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) upstreams: Arc<Upstreams>,
    /// For what browsers send to BFFs themselves: any method, any body, upgrades.
    pub(crate) bffs: Client<HttpConnector, Body>,
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
        let site = &snapshot.site;
        let manifests = site.apps().filter_map(|app| site.manifest(&app.app));
        let upstreams = manifests
            .map(|manifest| {
                let origins = snapshot.origins(&manifest.app.name);
                let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
                Upstream::new(manifest, prefix, &origins, config)
            })
            .collect::<Result<Upstreams, _>>()?;
        Ok(Self {
            upstreams: Arc::new(upstreams),
            snapshot,
            bffs: client(config),
        })
    }

    /// The site that is live.
    pub(crate) fn site(&self) -> &Arc<Site> {
        &self.snapshot.site
    }
}

fn client(config: &composer_fetch::Config) -> Client<HttpConnector, Body> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(config.connect_timeout));
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.idle_timeout)
        .pool_max_idle_per_host(config.max_idle_per_origin)
        .http1_max_buf_size(config.max_head_bytes)
        .build(connector)
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("composition", self.snapshot.site.composition())
            .finish_non_exhaustive()
    }
}
