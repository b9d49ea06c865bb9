//! Where the instances of every version are: given with its release, announced, or a developer's own.

use std::{collections::BTreeSet, sync::PoisonError};

use composer_fetch::{Networks, OriginError, OriginTerms};
use composer_ledger::State;
use composer_registry::{LoadedApp, Snapshot};
use contract::{AppName, AppVersion, admin};
use tracing::warn;

use crate::{
    app::Shared,
    instances::{LEASE, RENEW, TableError},
    overrides::{Opened, OverrideError, Overrides, Planned, Wanted},
};

/// Why an announcement isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnnounceError {
    /// No instance may be there.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// There are too many.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Why an override isn't shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShowError {
    /// No instance may be there.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// It isn't to be opened.
    #[error(transparent)]
    Override(#[from] OverrideError),
}

impl Shared {
    /// Takes the announcement of an instance, or its renewal; requests may go to it from now on.
    ///
    /// # Errors
    /// When no instance may be there, or there are too many.
    pub(crate) fn announce(&self, version: &AppVersion, origin: &str) -> Result<admin::Lease, AnnounceError> {
        self.check_origin(&version.app, origin)?;
        let (id, is_new) = self.instances.announce(version, origin)?;
        if is_new {
            self.place(version);
        }
        let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Ok(admin::Lease {
            id,
            lease_ms: millis(LEASE),
            renew_ms: millis(RENEW),
        })
    }

    /// Ends a lease: no request goes to the instance any more. Tells the version that it was of.
    pub(crate) fn leave(&self, id: &str) -> Option<AppVersion> {
        let version = self.instances.leave(id)?;
        self.place(&version);
        Some(version)
    }

    /// Ends the leases and overrides that nobody renews.
    pub(crate) fn expire(&self) {
        for version in self.instances.expire() {
            self.place(&version);
        }
        if !self.overrides.expire().is_empty() {
            self.forget();
        }
    }

    /// Checks whether an instance of `app` may be at `origin`.
    ///
    /// # Errors
    /// Why it may not.
    pub(crate) fn check_origin(&self, app: &AppName, origin: &str) -> Result<(), OriginError> {
        let networks = networks(self.registry.snapshot().state(), app);
        self.fleet.guard().check_literal(origin, &networks)
    }

    /// Shows a planned build of an override, of which `app` was loaded; `None` renews one that is the same.
    ///
    /// # Errors
    /// When no instance may be there, or the override was closed meanwhile.
    pub(crate) fn show_override(
        &self,
        planned: &Planned,
        wanted: &Wanted<'_>,
        app: Option<std::sync::Arc<LoadedApp>>,
    ) -> Result<Opened, ShowError> {
        self.check_origin(&wanted.version.app, wanted.origin)?;
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.registry.snapshot();
        if app.is_some() {
            // Before any page shows it.
            let own = OriginTerms {
                url: wanted.origin.to_owned(),
                networks: networks(snapshot.state(), &wanted.version.app),
            };
            if let Err(error) = self.fleet.set_origins(&planned.version, &[own]) {
                warn!(app.version = %planned.version, %error, "the developer's instance can't be reached");
            }
        }
        let is_new_build = app.is_some();
        self.overrides.put(planned, wanted, app)?;
        if is_new_build {
            self.forget_by(snapshot.state());
        }
        Ok(Overrides::opened(planned, &self.keys, self.prefix()))
    }

    /// Closes an override; false when there is none of this id.
    pub(crate) fn close_override(&self, id: &str) -> bool {
        let closed = self.overrides.close(id).is_some();
        if closed {
            self.forget();
        }
        closed
    }

    /// Where the instances of a version are, and how they are.
    pub(crate) fn instances_of(&self, version: &AppVersion) -> Vec<admin::InstanceView> {
        let leased = self.instances.of(version);
        let views = self.fleet.instances(version);
        let view = |view: composer_fetch::InstanceView| {
            let same = |origin: &str| {
                origin
                    .trim_end_matches('/')
                    .eq_ignore_ascii_case(view.origin.trim_end_matches('/'))
            };
            let lease = leased.iter().find(|instance| same(&instance.origin));
            admin::InstanceView {
                id: lease.map(|instance| instance.id.clone()),
                source: match lease {
                    Some(_) => admin::OriginSource::Lease,
                    None => admin::OriginSource::Given,
                },
                state: match view.state {
                    composer_fetch::InstanceState::Unknown => admin::InstanceState::Unknown,
                    composer_fetch::InstanceState::Healthy => admin::InstanceState::Healthy,
                    composer_fetch::InstanceState::Unhealthy => admin::InstanceState::Unhealthy,
                    composer_fetch::InstanceState::Ejected => admin::InstanceState::Ejected,
                },
                in_flight: u32::try_from(view.in_flight).unwrap_or(u32::MAX),
                last_error: view.last_error,
                origin: view.origin,
            }
        };
        views.into_iter().map(view).collect()
    }

    /// Tells the fleet where the instances of `version` are.
    fn place(&self, version: &AppVersion) {
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        self.place_by(self.registry.snapshot().state(), version);
    }

    /// Tells the fleet where the instances of all versions are, and forgets the versions that are no more.
    pub(crate) fn place_all(&self, snapshot: &Snapshot) {
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let given = snapshot
            .state()
            .versions()
            .filter(|published| !published.origins.is_empty());
        let mut versions: BTreeSet<AppVersion> = given.map(|published| published.version.clone()).collect();
        versions.extend(self.instances.versions());
        versions.extend(self.fleet.versions());
        for version in &versions {
            self.place_by(snapshot.state(), version);
        }
        self.forget_by(snapshot.state());
    }

    fn place_by(&self, state: &State, version: &AppVersion) {
        let networks = networks(state, &version.app);
        let published = state.version(version);
        let given = published.map(|published| published.origins.clone()).unwrap_or_default();
        let leased = self.instances.of(version).into_iter().map(|instance| instance.origin);
        let own = self.overrides.all().into_iter().filter(|open| open.version == *version);
        let own = own.map(|open| open.origin.clone());
        let terms = given.into_iter().chain(leased).chain(own).map(|url| OriginTerms {
            url,
            networks: networks.clone(),
        });
        let terms: Vec<OriginTerms> = terms.collect();
        if let Err(error) = self.fleet.set_origins(version, &terms) {
            warn!(app.version = %version, %error, "instances stay as they were");
        }
    }

    /// Forgets versions that are not published, have no instance that announced itself, and are no developer's.
    fn forget(&self) {
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        self.forget_by(self.registry.snapshot().state());
    }

    fn forget_by(&self, state: &State) {
        let leased: BTreeSet<AppVersion> = self.instances.versions().into_iter().collect();
        let shown: BTreeSet<AppVersion> = self.overrides.all().iter().map(|open| open.version.clone()).collect();
        let keep = |version: &AppVersion| {
            state.version(version).is_some() || leased.contains(version) || shown.contains(version)
        };
        self.live.retain(keep);
        self.fleet.retain(keep);
    }
}

/// The networks of the team that owns `app`; none stands for those of the platform.
fn networks(state: &State, app: &AppName) -> Networks {
    let Some(team) = state.team_of(app) else {
        return Networks::default();
    };
    Networks::parse(&team.networks).unwrap_or_else(|error| {
        warn!(team = %team.name, %error, "the team's networks can't be read, those of the platform count");
        Networks::default()
    })
}
