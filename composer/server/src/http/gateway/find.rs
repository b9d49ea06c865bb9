//! Finds the version that an address names: live or not, as long as it is published and has an instance.

use std::sync::Arc;

use composer_fetch::{InstanceState, Upstream};
use contract::AppVersion;
use http::HeaderMap;

use super::Refusal;
use crate::{
    app::Shared,
    overrides::{Overrides, is_build_of},
};

/// A version that can be asked.
pub(super) struct Found {
    pub(super) upstream: Arc<Upstream>,
    /// False when no new page shows it: then its last instance's end is its own.
    pub(super) is_live: bool,
    /// The rest of the address.
    pub(super) path: String,
}

/// Finds the version that `path` names.
pub(super) async fn find(app: &Shared, headers: &HeaderMap, path: &str) -> Result<Found, Refusal> {
    let rest = path
        .strip_prefix(app.prefix().as_str())
        .and_then(|rest| rest.strip_prefix("/app/"))
        .ok_or(Refusal::Unknown)?;
    let (named, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let named: AppVersion = named.parse().map_err(|_| Refusal::Unknown)?;
    let path = if rest.is_empty() { "/" } else { rest }.to_owned();
    let moment = app.moment();
    let stable = moment.stable.upstreams.get(&named.app);
    if let Some(upstream) = stable.filter(|upstream| *upstream.app() == named) {
        let upstream = Arc::clone(upstream);
        let is_live = true;
        return Ok(Found {
            upstream,
            is_live,
            path,
        });
    }
    // Which versions were live before the configuration named others is not known.
    if stable.is_some() && !app.has_releases() {
        return Err(Refusal::Gone(named));
    }
    let is_live = moment.is_live(&named);
    let upstream = if moment.state().version(&named).is_some() {
        published(app, &named).await?
    } else {
        own(app, headers, &named)?
    };
    if !is_live && !upstream.has_instances() {
        return Err(Refusal::Gone(named));
    }
    Ok(Found {
        upstream,
        is_live,
        path,
    })
}

async fn published(app: &Shared, version: &AppVersion) -> Result<Arc<Upstream>, Refusal> {
    if let Some(upstream) = app.fleet.get(version) {
        return Ok(upstream);
    }
    let loaded = app.moment().snapshot.load(version).await;
    let loaded = loaded.map_err(|error| {
        tracing::warn!(app.version = %version, %error, "a published version can't be loaded");
        Refusal::Gone(version.clone())
    })?;
    Ok(app.fleet.ensure(&loaded.app.manifest))
}

/// A developer's own version, for who has opened it.
fn own(app: &Shared, headers: &HeaderMap, version: &AppVersion) -> Result<Arc<Upstream>, Refusal> {
    let open = app.overrides.of(headers, &app.keys);
    if let Some(open) = open.filter(|open| open.version == *version) {
        return Ok(app.fleet.ensure(&open.app.app.manifest));
    }
    let id = Overrides::id_in(headers, &app.keys);
    if id.is_some_and(|id| is_build_of(version, &id)) {
        return Err(Refusal::Gone(version.clone()));
    }
    Err(Refusal::Unknown)
}

/// Tells whether no instance is left that has not just failed.
pub(super) fn is_lost(upstream: &Upstream) -> bool {
    let instances = upstream.instances();
    let works = |state: InstanceState| matches!(state, InstanceState::Healthy | InstanceState::Unknown);
    instances.len() < 2 || !instances.iter().any(|instance| works(instance.state))
}
