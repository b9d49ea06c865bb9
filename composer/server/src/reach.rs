//! Where the instances of every version are: given with its release, announced, or a developer's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{MutexGuard, PoisonError},
};

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

/// What the fleet was told.
type Placed = BTreeMap<AppVersion, Vec<OriginTerms>>;

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
        self.check_origin(self.registry.snapshot().state(), &version.app, origin)?;
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
    pub(crate) fn check_origin(&self, state: &State, app: &AppName, origin: &str) -> Result<(), OriginError> {
        let networks = networks(state, app);
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
        self.check_origin(self.registry.snapshot().state(), &wanted.version.app, wanted.origin)?;
        let mut placed = self.placed();
        let snapshot = self.registry.snapshot();
        let is_new_build = app.is_some();
        if is_new_build {
            // Before any page shows it.
            let origin = std::iter::once(wanted.origin.to_owned());
            let terms = terms(snapshot.state(), &planned.version, origin);
            self.set(&mut placed, &planned.version, terms);
        }
        let put = self.overrides.put(planned, wanted, app);
        if is_new_build {
            self.forget_by(&mut placed, snapshot.state());
        }
        drop(placed);
        put?;
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
        let mut placed = self.placed();
        let snapshot = self.registry.snapshot();
        let leased = self.instances.of(version).into_iter().map(|instance| instance.origin);
        let own = self.overrides.all().into_iter().filter(|open| open.version == *version);
        let own = own.map(|open| open.origin.clone());
        let origins = given(snapshot.state(), version).chain(leased).chain(own);
        self.set(&mut placed, version, terms(snapshot.state(), version, origins));
    }

    /// Forgets every version and its instances, for others that are about to be served; what runs ends where it began.
    pub(crate) fn forget_all(&self) {
        self.placed().clear();
        self.fleet.retain(|_| false);
    }

    /// Tells the fleet where the instances of all versions are, as far as that has changed, and forgets the versions that are
    /// no more.
    pub(crate) fn place_all(&self, snapshot: &Snapshot) {
        let mut placed = self.placed();
        let state = snapshot.state();
        let mut origins: BTreeMap<AppVersion, Vec<String>> = BTreeMap::new();
        for version in placed.keys() {
            origins.insert(version.clone(), vec![]);
        }
        for published in state.versions().filter(|published| !published.origins.is_empty()) {
            origins.insert(published.version.clone(), published.origins.clone());
        }
        let shown = self.overrides.all().into_iter();
        let shown = shown.map(|open| (open.version.clone(), open.origin.clone()));
        for (version, origin) in self.instances.all().into_iter().chain(shown) {
            origins.entry(version).or_default().push(origin);
        }
        for (version, origins) in origins {
            let terms = terms(state, &version, origins.into_iter());
            self.set(&mut placed, &version, terms);
        }
        self.forget_by(&mut placed, state);
    }

    fn set(&self, placed: &mut Placed, version: &AppVersion, terms: Vec<OriginTerms>) {
        if placed.get(version).is_some_and(|known| *known == terms) {
            return;
        }
        match self.fleet.set_origins(version, &terms) {
            Ok(()) => {
                placed.insert(version.clone(), terms);
            }
            Err(error) => warn!(app.version = %version, %error, "instances stay as they were"),
        }
    }

    /// Forgets versions that are not published, have no instance that announced itself, and are no developer's.
    fn forget(&self) {
        self.forget_by(&mut self.placed(), self.registry.snapshot().state());
    }

    fn forget_by(&self, placed: &mut Placed, state: &State) {
        let leased: BTreeSet<AppVersion> = self.instances.versions().into_iter().collect();
        let shown: BTreeSet<AppVersion> = self.overrides.all().iter().map(|open| open.version.clone()).collect();
        let keep = |version: &AppVersion| {
            state.version(version).is_some() || leased.contains(version) || shown.contains(version)
        };
        placed.retain(|version, _| keep(version));
        self.live.retain(keep);
        self.fleet.retain(keep);
    }

    fn placed(&self) -> MutexGuard<'_, Placed> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a version's instances are by its release.
fn given(state: &State, version: &AppVersion) -> impl Iterator<Item = String> {
    let published = state.version(version);
    let origins = published.map(|published| published.origins.clone());
    origins.unwrap_or_default().into_iter()
}

/// The same origins, with where the team's instances may be.
fn terms(state: &State, version: &AppVersion, origins: impl Iterator<Item = String>) -> Vec<OriginTerms> {
    let networks = networks(state, &version.app);
    let term = |url| OriginTerms {
        url,
        networks: networks.clone(),
    };
    origins.map(term).collect()
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
