//! A version of an app as the composer reaches it: its instances, and what its BFF may see.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use contract::{
    AppName, AppVersion, FragmentName, Prefix,
    manifest::{Events, Manifest},
};
use http::{HeaderName, HeaderValue};

use crate::{
    AddressGuard, Config, FetchError, InstanceView, Numbers, OriginTerms, PolicyView, Sees, UpstreamError,
    allowance::{Allowance, Latency, Shared},
    habit::Habit,
    instances::{Instances, Terms},
    network::Networks,
    numbers::Verdict,
    origin::{Lane, Origin, Turn},
    sees::is_handed_on,
    telemetry::Metrics,
};

/// A version of an app and where its BFF runs.
#[derive(Debug)]
pub struct Upstream {
    app: AppVersion,
    base: HeaderValue,
    cookies: Vec<String>,
    headers: Vec<HeaderName>,
    events: Events,
    /// No other has had this number.
    serial: u64,
    /// By name: an app has few, and one of few is found sooner so than by a hash.
    fragments: Vec<(FragmentName, Known)>,
    /// Of fragments that the manifest doesn't know.
    others: Known,
    instances: Arc<Instances>,
}

/// A fragment of a version: what it sees, where it is, whether its answers are kept, and how long their heads take.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) sees: Sees,
    pub(crate) habit: Arc<Habit>,
    /// The value of `marquetry-slot`; `None` for fragments that the manifest doesn't know.
    pub(crate) slot: Option<HeaderValue>,
    /// Where its fetches that go well are counted.
    pub(crate) fresh: OnceLock<Metrics>,
    /// `None` where nothing is hedged.
    pub(crate) latency: Option<Latency>,
    path: Box<str>,
}

/// All apps of one composition, each at its one version.
#[derive(Debug, Default)]
pub struct Upstreams(BTreeMap<AppName, Arc<Upstream>>);

impl Upstream {
    /// The app of `manifest`, reached at `origins`, wherever they are.
    ///
    /// # Errors
    /// When an origin is no plain `http://host:port`, or none is given.
    pub fn new(
        manifest: &Manifest,
        prefix: &Prefix,
        origins: &[String],
        config: &Config,
    ) -> Result<Self, UpstreamError> {
        let terms = Terms {
            config: Arc::new(config.clone()),
            guard: Arc::new(AddressGuard::open()),
        };
        let given = origins.iter().map(|url| OriginTerms {
            url: url.clone(),
            networks: Networks::default(),
        });
        let shared = Arc::new(Shared::new(config));
        let instances = Instances::new(manifest.app_version(), terms, shared);
        instances.set(&given.collect::<Vec<_>>())?;
        if instances.is_empty() {
            return Err(UpstreamError::None);
        }
        Ok(Self::reached_at(Arc::new(instances), manifest, prefix))
    }

    /// The app of `manifest`, reached at `instances`.
    pub(crate) fn reached_at(instances: Arc<Instances>, manifest: &Manifest, prefix: &Prefix) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let app = manifest.app_version();
        let base = HeaderValue::try_from(prefix.app_base(&app)).expect("prefix and names are plain ASCII");
        let headers = manifest.app.headers.iter().filter_map(|name| name.parse().ok());
        let fragments = manifest.fragments.iter();
        let is_hedged = instances.config().hedge;
        let habits = &instances.allowance.shared.habits;
        let fragments = fragments.map(|fragment| {
            let slot = HeaderValue::try_from(format!("{}/{}", app.app, fragment.name));
            let known = Known {
                slot: Some(slot.expect("names are plain ASCII")),
                latency: is_hedged.then(Latency::new),
                habit: habits.begin(&fragment.name),
                ..Known::new(Sees::of(&manifest.app, fragment), fragment.path.as_str())
            };
            (fragment.name.clone(), known)
        });
        let mut fragments: Vec<_> = fragments.collect();
        fragments.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self {
            app,
            base,
            cookies: manifest.app.cookies.clone(),
            headers: headers.filter(is_handed_on).collect(),
            events: manifest.events.clone(),
            serial: NEXT.fetch_add(1, Relaxed),
            fragments,
            others: Known::new(Sees::all_of(&manifest.app), ""),
            instances,
        }
    }

    /// The app and its version.
    pub fn app(&self) -> &AppVersion {
        &self.app
    }

    /// Where browsers reach its BFF, the value of `marquetry-base`.
    pub fn base(&self) -> &HeaderValue {
        &self.base
    }

    /// The cookies that it sees and sets.
    pub fn cookies(&self) -> &[String] {
        &self.cookies
    }

    /// The headers that its manifest asks for.
    pub fn headers(&self) -> &[HeaderName] {
        &self.headers
    }

    /// What one of its fragments sees of the browser's request.
    pub fn sees(&self, fragment: &FragmentName) -> &Sees {
        &self.known(fragment).sees
    }

    /// What is known of one of its fragments.
    pub(crate) fn known(&self, fragment: &FragmentName) -> &Known {
        let found = self.fragments.binary_search_by(|(name, _)| name.cmp(fragment));
        let known = found.ok().and_then(|at| self.fragments.get(at));
        known.map_or(&self.others, |(_, known)| known)
    }

    /// A number that no other version has had, nor this one at an earlier time.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// Tells whether one of its fragments is at `path`.
    pub(crate) fn has_fragment_at(&self, path: &str) -> bool {
        self.fragments.iter().any(|(_, known)| *known.path == *path)
    }

    /// Tells whether `path` is for composers alone, and for no browser.
    pub fn is_internal(&self, path: &str) -> bool {
        self.events.is_internal(path)
    }

    /// Tells whether there is any instance to ask, working or not.
    pub fn has_instances(&self) -> bool {
        !self.instances.is_empty()
    }

    /// Its instances, for status pages.
    pub fn instances(&self) -> Vec<InstanceView> {
        self.instances.views()
    }

    /// What came of its requests until now.
    pub fn numbers(&self) -> Numbers {
        self.instances.counters.read()
    }

    /// Its policies, for status pages and metrics.
    pub fn policy(&self) -> PolicyView {
        self.instances.allowance.view()
    }

    pub(crate) fn allowance(&self) -> &Allowance {
        &self.instances.allowance
    }

    pub(crate) fn has_choice(&self) -> bool {
        self.instances.all().len() > 1
    }

    pub(crate) fn pick(&self, lane: Lane) -> Result<Turn, FetchError> {
        self.instances.pick(lane, None)
    }

    pub(crate) fn pick_another(&self, lane: Lane, than: &Origin) -> Result<Turn, FetchError> {
        self.instances.pick(lane, Some(than))
    }

    pub(crate) fn count(&self, verdict: Verdict) {
        self.instances.counters.count(verdict);
    }

    pub(crate) fn blame(&self, verdict: Verdict) {
        self.instances.counters.blame(verdict);
    }
}

impl Known {
    fn new(sees: Sees, path: &str) -> Self {
        Self {
            sees,
            habit: Arc::default(),
            slot: None,
            fresh: OnceLock::new(),
            latency: None,
            path: path.into(),
        }
    }
}

impl Upstreams {
    /// The version of `app`.
    pub fn get(&self, app: &AppName) -> Option<&Arc<Upstream>> {
        self.0.get(app)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.0.values()
    }
}

impl FromIterator<Arc<Upstream>> for Upstreams {
    fn from_iter<I: IntoIterator<Item = Arc<Upstream>>>(upstreams: I) -> Self {
        let named = |upstream: Arc<Upstream>| (upstream.app.app.clone(), upstream);
        Self(upstreams.into_iter().map(named).collect())
    }
}

impl FromIterator<Upstream> for Upstreams {
    fn from_iter<I: IntoIterator<Item = Upstream>>(upstreams: I) -> Self {
        upstreams.into_iter().map(Arc::new).collect()
    }
}
