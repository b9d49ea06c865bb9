//! What is live: compositions of versions, each with the way to its BFFs, and which of them a moment has.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use arc_swap::{ArcSwap, ArcSwapOption};
use composer_fetch::{Cache, Fleet, InstanceState, Upstreams};
use composer_ledger::State;
use composer_page::{Route, Site};
use composer_registry::{Composed, Registry, Snapshot};
use contract::{AppVersion, Composition};

use crate::{
    keys::Signer,
    lock::{self, HOUR_S},
    ready::PageSees,
};

/// Compositions that are kept ready.
const KEPT: usize = 64;

/// One composition: its pages, and the upstreams of exactly its versions. A page is made of one view.
pub(crate) struct View {
    pub(crate) composed: Arc<Composed>,
    pub(crate) upstreams: Arc<Upstreams>,
    /// What their fragments answered.
    pub(crate) cache: Arc<Cache>,
    /// Tells views apart, for as long as the composer runs.
    pub(crate) id: u64,
    /// What the fragments of each page see.
    sees: Vec<OnceLock<PageSees>>,
    /// The hour, and the lock of pages in it.
    lock: ArcSwapOption<(u64, Arc<str>)>,
}

/// What is live as of one snapshot.
pub(crate) struct Moment {
    pub(crate) snapshot: Arc<Snapshot>,
    /// For all who are in no canary.
    pub(crate) stable: Arc<View>,
    /// True when there is no canary: then everybody is in none.
    pub(crate) is_plain: bool,
}

/// The moment, renewed with every act, and the views that were used last.
pub(crate) struct Live {
    registry: Registry,
    fleet: Arc<Fleet>,
    now: ArcSwap<Moment>,
    views: Mutex<Vec<Arc<View>>>,
    changing: Mutex<()>,
}

impl Live {
    /// Begins with what the registry serves.
    pub(crate) fn new(registry: Registry, fleet: Arc<Fleet>) -> Self {
        let snapshot = registry.snapshot();
        let stable = Arc::new(View::new(Arc::clone(snapshot.stable()), &fleet));
        let moment = Moment::new(snapshot, Arc::clone(&stable));
        Self {
            registry,
            fleet,
            now: ArcSwap::from_pointee(moment),
            views: Mutex::new(vec![stable]),
            changing: Mutex::default(),
        }
    }

    /// What is live now: what was acted before this call is in it. `prepare` makes a new snapshot's versions reachable.
    pub(crate) fn moment(&self, prepare: impl FnOnce(&Snapshot)) -> Arc<Moment> {
        let snapshot = self.registry.snapshot();
        let now = self.now.load_full();
        if Arc::ptr_eq(&now.snapshot, &snapshot) {
            return now;
        }
        self.renew(prepare)
    }

    fn renew(&self, prepare: impl FnOnce(&Snapshot)) -> Arc<Moment> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        // Read anew: whoever had the lock may have been later.
        let snapshot = self.registry.snapshot();
        let now = self.now.load_full();
        if Arc::ptr_eq(&now.snapshot, &snapshot) {
            return now;
        }
        prepare(&snapshot);
        let stable = self.view(snapshot.stable());
        let moment = Arc::new(Moment::new(snapshot, stable));
        self.now.store(Arc::clone(&moment));
        moment
    }

    /// The view of a composition.
    pub(crate) fn view(&self, composed: &Arc<Composed>) -> Arc<View> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = views.iter().position(|view| Arc::ptr_eq(&view.composed, composed)) {
            let view = views.remove(at);
            views.push(Arc::clone(&view));
            return view;
        }
        // One composition may have been built twice; the later one counts.
        views.retain(|view| view.composed.composition != composed.composition);
        if views.len() >= KEPT {
            views.remove(0);
        }
        let view = Arc::new(View::new(Arc::clone(composed), &self.fleet));
        views.push(Arc::clone(&view));
        view
    }

    /// Forgets views with versions that are not to be reached any more.
    pub(crate) fn retain(&self, keep: impl Fn(&AppVersion) -> bool) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.retain(|view| view.composition().iter().all(|version| keep(&version)));
    }
}

impl Moment {
    fn new(snapshot: Arc<Snapshot>, stable: Arc<View>) -> Self {
        let is_plain = snapshot.state().canaries().next().is_none();
        Self {
            snapshot,
            stable,
            is_plain,
        }
    }

    pub(crate) fn state(&self) -> &Arc<State> {
        self.snapshot.state()
    }

    /// Tells whether a version is live for anybody.
    pub(crate) fn is_live(&self, version: &AppVersion) -> bool {
        let mut canaries = self.state().canaries();
        self.stable.composition().holds(version) || canaries.any(|canary| canary.apps.contains(version))
    }
}

impl View {
    fn new(composed: Arc<Composed>, fleet: &Fleet) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let site = &composed.site;
        let manifests = site.apps().filter_map(|app| site.manifest(&app.app));
        Self {
            upstreams: Arc::new(manifests.map(|manifest| fleet.ensure(manifest)).collect()),
            cache: Arc::clone(fleet.cache()),
            id: LAST.fetch_add(1, Relaxed),
            sees: std::iter::repeat_with(OnceLock::new).take(site.page_count()).collect(),
            composed,
            lock: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn site(&self) -> &Arc<Site> {
        &self.composed.site
    }

    pub(crate) fn composition(&self) -> &Composition {
        &self.composed.composition
    }

    /// What the fragments of the page of `route` see, taken together.
    pub(crate) fn sees(&self, route: &Route) -> &PageSees {
        let read = || PageSees::of(self.site().fragments(route), &self.upstreams);
        self.sees[route.page()].get_or_init(read)
    }

    /// The lock that pages of this view carry, signed once an hour.
    pub(crate) fn lock(&self, signer: &Signer, now_s: u64) -> Arc<str> {
        let hour = now_s / HOUR_S;
        let known = self.lock.load();
        if let Some((signed, text)) = known.as_deref()
            && *signed == hour
        {
            return Arc::clone(text);
        }
        let text: Arc<str> = lock::sign(signer, self.composition(), now_s).into();
        self.lock.store(Some(Arc::new((hour, Arc::clone(&text)))));
        text
    }

    /// Tells whether any instance of this view's version of `app` may be working.
    pub(crate) fn reaches(&self, app: &contract::AppName) -> bool {
        self.upstreams.get(app).is_some_and(|upstream| is_reachable(upstream))
    }
}

/// Tells whether any instance may be working.
pub(crate) fn is_reachable(upstream: &composer_fetch::Upstream) -> bool {
    let dead = |state: InstanceState| state == InstanceState::Unhealthy;
    upstream.instances().iter().any(|instance| !dead(instance.state))
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.now.load();
        f.debug_struct("Live")
            .field("stable", now.stable.composition())
            .finish_non_exhaustive()
    }
}
