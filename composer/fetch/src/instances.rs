//! The instances of a version, which may change at any time, and the choice between them.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use contract::AppVersion;
use tokio::time::Instant;

use crate::{
    Config, FetchError, InstanceView,
    allowance::{Allowance, Shared},
    guard::AddressGuard,
    health::Standing,
    network::Networks,
    numbers::Counters,
    origin::{Lane, Origin, Turn},
    target::{Address, OriginError, Target},
};

/// More origins for one version are refused.
pub const MAX_ORIGINS: usize = 1024;

/// Where instances of a version are, as its team says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginTerms {
    /// `http://host:port`.
    pub url: String,
    /// Where the team's instances may be; none stands for the platform's networks.
    pub networks: Networks,
}

/// What all origins have in common.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) config: Arc<Config>,
    pub(crate) guard: Arc<AddressGuard>,
}

/// Why the origins of a version can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// None is given.
    #[error("an app needs at least one origin")]
    None,
    /// One of them is wrong.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The version has too many.
    #[error("`{app}` has {count} origins, more than {MAX_ORIGINS}")]
    TooMany {
        /// The version.
        app: AppVersion,
        /// How many were given.
        count: usize,
    },
    /// There are instances of too many versions.
    #[error("{limit} versions have instances, which is the limit: stop instances of versions that nobody uses")]
    TooManyVersions {
        /// The limit.
        limit: usize,
    },
}

/// The instances of a version.
#[derive(Debug)]
pub(crate) struct Instances {
    app: AppVersion,
    terms: Terms,
    origins: ArcSwap<Vec<Arc<Origin>>>,
    changing: Mutex<()>,
    pub(crate) counters: Counters,
    pub(crate) allowance: Allowance,
}

impl Instances {
    pub(crate) fn new(app: AppVersion, terms: Terms, shared: Arc<Shared>) -> Self {
        let allowance = Allowance::new(&terms.config, shared);
        Self {
            app,
            terms,
            origins: ArcSwap::default(),
            changing: Mutex::default(),
            counters: Counters::default(),
            allowance,
        }
    }

    /// Replaces the origins. Of those that stay, connections, counts and health stay too.
    ///
    /// # Errors
    /// When one is wrong or there are too many; then nothing has changed.
    pub(crate) fn set(&self, given: &[OriginTerms]) -> Result<(), UpstreamError> {
        if given.len() > MAX_ORIGINS {
            let (app, count) = (self.app.clone(), given.len());
            return Err(UpstreamError::TooMany { app, count });
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.origins.load();
        let mut after: Vec<Arc<Origin>> = Vec::with_capacity(given.len());
        for OriginTerms { url, networks } in given {
            let address = Address::parse(url)?;
            let is_same = |origin: &&Arc<Origin>| origin.target().address == address;
            if after.iter().any(|origin| is_same(&origin)) {
                continue;
            }
            // Connections that were allowed by other networks must not be used any more.
            let kept = before
                .iter()
                .find(is_same)
                .filter(|origin| origin.target().networks == *networks);
            after.push(kept.map_or_else(|| self.origin(address, networks), Arc::clone));
        }
        let has_new = after
            .iter()
            .any(|origin| !before.iter().any(|known| Arc::ptr_eq(known, origin)));
        self.origins.store(Arc::new(after));
        if has_new {
            self.allowance.breaker.nudge(Instant::now());
        }
        Ok(())
    }

    fn origin(&self, address: Address, networks: &Networks) -> Arc<Origin> {
        let Terms { config, guard } = self.terms.clone();
        let target = Target::new(address, networks.clone(), guard, config);
        Arc::new(Origin::new(self.app.clone(), target))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.terms.config
    }

    pub(crate) fn all(&self) -> Arc<Vec<Arc<Origin>>> {
        self.origins.load_full()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.origins.load().is_empty()
    }

    pub(crate) fn views(&self) -> Vec<InstanceView> {
        self.origins.load().iter().map(|origin| origin.view()).collect()
    }

    /// Takes a turn of the instance that is to have the next request; of another than `but`, if that is given.
    ///
    /// # Errors
    /// When there is no instance, or too much is under way to the one that was chosen.
    pub(crate) fn pick(&self, lane: Lane, but: Option<&Origin>) -> Result<Turn, FetchError> {
        let origins = self.origins.load();
        let (origin, probe) = choose(&origins, but).ok_or(FetchError::NoInstance)?;
        Turn::take(Arc::clone(origin), lane, probe)
    }
}

/// The less loaded of two at random that are usable: nearly as even as looking at all of them, and no herd runs to the one
/// that was idle a moment ago (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
fn choose<'o>(origins: &'o [Arc<Origin>], but: Option<&Origin>) -> Option<(&'o Arc<Origin>, bool)> {
    if but.is_none() {
        match origins {
            [] => return None,
            [only] => return Some((only, false)),
            _ => {}
        }
        let one = fastrand::usize(..origins.len());
        let other = (one + fastrand::usize(1..origins.len())) % origins.len();
        let (one, other) = (&origins[one], &origins[other]);
        if one.standing() == Standing::Usable && other.standing() == Standing::Usable {
            return Some((less_loaded(one, other), false));
        }
    }
    choose_among(origins, but)
}

fn choose_among<'o>(origins: &'o [Arc<Origin>], but: Option<&Origin>) -> Option<(&'o Arc<Origin>, bool)> {
    let (mut usable, mut any) = (Sample::default(), Sample::default());
    for origin in origins {
        if but.is_some_and(|but| std::ptr::eq(but, &raw const **origin)) {
            continue;
        }
        match origin.standing() {
            Standing::Usable => usable.add(origin),
            Standing::Due if origin.claim_probe() => return Some((origin, true)),
            Standing::Due | Standing::Out => {}
        }
        any.add(origin);
    }
    // When all are out, what is known of them may be wrong: all are tried.
    usable.best().or_else(|| any.best()).map(|origin| (origin, false))
}

fn less_loaded<'o>(one: &'o Arc<Origin>, other: &'o Arc<Origin>) -> &'o Arc<Origin> {
    if other.load() < one.load() { other } else { one }
}

/// Two at random of any number, seen one after another.
#[derive(Default)]
struct Sample<'o> {
    seen: usize,
    kept: [Option<&'o Arc<Origin>>; 2],
}

impl<'o> Sample<'o> {
    fn add(&mut self, origin: &'o Arc<Origin>) {
        self.seen += 1;
        let at = if self.seen <= 2 {
            self.seen - 1
        } else {
            fastrand::usize(..self.seen)
        };
        if let Some(place) = self.kept.get_mut(at) {
            *place = Some(origin);
        }
    }

    fn best(&self) -> Option<&'o Arc<Origin>> {
        match self.kept {
            [Some(one), Some(other)] if fastrand::bool() => Some(less_loaded(one, other)),
            [Some(one), Some(other)] => Some(less_loaded(other, one)),
            [one, _] => one,
        }
    }
}
