//! Every version that the composer can reach, live or not, and its instances, which come and go.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use contract::{AppName, AppVersion, Prefix, manifest::Manifest};

use crate::{
    AddressGuard, Cache, Config, InstanceView, OriginTerms, PolicyView, Upstream, UpstreamError,
    allowance::Shared,
    instances::{Instances, Terms},
    watch,
};

/// Instances of more versions are refused.
pub const MAX_VERSIONS: usize = 10_000;

/// The versions and their instances.
#[derive(Debug)]
pub struct Fleet {
    terms: Terms,
    prefix: Prefix,
    cache: Arc<Cache>,
    versions: RwLock<HashMap<AppVersion, Entry>>,
    apps: Mutex<HashMap<AppName, Arc<Shared>>>,
}

#[derive(Debug)]
struct Entry {
    instances: Arc<Instances>,
    /// `None` as long as only instances have announced themselves.
    upstream: Option<Arc<Upstream>>,
}

impl Fleet {
    /// No version yet. Every connection goes past `guard`.
    pub fn new(config: Config, guard: Arc<AddressGuard>, prefix: Prefix) -> Self {
        let config = Arc::new(config);
        Self {
            cache: Arc::new(Cache::new(config.cache_bytes)),
            terms: Terms { config, guard },
            prefix,
            versions: RwLock::default(),
            apps: Mutex::default(),
        }
    }

    /// What every connection goes past.
    pub fn guard(&self) -> &Arc<AddressGuard> {
        &self.terms.guard
    }

    /// What the versions' fragments answered, as far as it may be shown again.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// A version whose manifest is known.
    pub fn get(&self, app: &AppVersion) -> Option<Arc<Upstream>> {
        self.read().get(app)?.upstream.clone()
    }

    /// The version of `manifest`, with the instances that it has or will have.
    pub fn ensure(&self, manifest: &Manifest) -> Arc<Upstream> {
        let app = manifest.app_version();
        if let Some(upstream) = self.get(&app) {
            return upstream;
        }
        let mut versions = self.write();
        let entry = versions.entry(app.clone()).or_insert_with(|| self.entry(app));
        let instances = Arc::clone(&entry.instances);
        let upstream = || Arc::new(Upstream::reached_at(instances, manifest, &self.prefix));
        Arc::clone(entry.upstream.get_or_insert_with(upstream))
    }

    /// Says where the instances of a version are, whether or not its manifest is known. Connections, counts and health of
    /// those that stay stay too; a request under way ends where it began.
    ///
    /// # Errors
    /// When one is wrong or there are too many; then nothing has changed.
    pub fn set_origins(&self, app: &AppVersion, origins: &[OriginTerms]) -> Result<(), UpstreamError> {
        let known = self.read().get(app).map(|entry| Arc::clone(&entry.instances));
        let instances = known.map_or_else(|| self.admit(app), Ok)?;
        instances.set(origins)
    }

    fn admit(&self, app: &AppVersion) -> Result<Arc<Instances>, UpstreamError> {
        let mut versions = self.write();
        if versions.len() >= MAX_VERSIONS && !versions.contains_key(app) {
            return Err(UpstreamError::TooManyVersions { limit: MAX_VERSIONS });
        }
        let entry = versions.entry(app.clone()).or_insert_with(|| self.entry(app.clone()));
        Ok(Arc::clone(&entry.instances))
    }

    /// Forgets all other versions and their instances. Who holds one of them can go on with it.
    pub fn retain(&self, keep: impl Fn(&AppVersion) -> bool) {
        self.write().retain(|app, _| keep(app));
        // Of the versions that are gone somebody may still hold one.
        self.apps().retain(|_, shared| Arc::strong_count(shared) > 1);
    }

    /// The instances of a version, for status pages; none when it is not known.
    pub fn instances(&self, app: &AppVersion) -> Vec<InstanceView> {
        let instances = self.read().get(app).map(|entry| Arc::clone(&entry.instances));
        instances.map(|instances| instances.views()).unwrap_or_default()
    }

    /// The policies of a version; `None` when it is not known.
    pub fn policy(&self, app: &AppVersion) -> Option<PolicyView> {
        let instances = Arc::clone(&self.read().get(app)?.instances);
        Some(instances.allowance.view())
    }

    /// The policies of all versions that were ever asked.
    pub fn policies(&self) -> Vec<(AppVersion, PolicyView)> {
        let of = |(app, entry): (&AppVersion, &Entry)| (app.clone(), entry.instances.allowance.view());
        let mut policies: Vec<_> = self.read().iter().map(of).collect();
        policies.retain(|(_, policy)| policy.breaker.is_used);
        policies.sort_by(|one, other| one.0.cmp(&other.0));
        policies
    }

    /// Tells whether a version has any instance, working or not.
    pub fn has_instances(&self, app: &AppVersion) -> bool {
        self.read().get(app).is_some_and(|entry| !entry.instances.is_empty())
    }

    /// Each version that has instances or a known manifest.
    pub fn versions(&self) -> Vec<AppVersion> {
        self.read().keys().cloned().collect()
    }

    /// Checks all instances again and again, until `stop` ends.
    pub async fn watch_health(&self, stop: impl Future<Output = ()>) {
        watch::run(|| self.all(), &self.terms.config.health, stop).await;
    }

    /// Closes idle connections when their time is over, until `stop` ends.
    pub async fn close_idle(&self, stop: impl Future<Output = ()>) {
        watch::sweep(|| self.all(), stop).await;
    }

    fn all(&self) -> Vec<Arc<Instances>> {
        let versions = self.read();
        versions.values().map(|entry| Arc::clone(&entry.instances)).collect()
    }

    fn entry(&self, app: AppVersion) -> Entry {
        let new = || Arc::new(Shared::new(&self.terms.config));
        let shared = Arc::clone(self.apps().entry(app.app.clone()).or_insert_with(new));
        Entry {
            instances: Arc::new(Instances::new(app, self.terms.clone(), shared)),
            upstream: None,
        }
    }

    fn apps(&self) -> MutexGuard<'_, HashMap<AppName, Arc<Shared>>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<AppVersion, Entry>> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<AppVersion, Entry>> {
        self.versions.write().unwrap_or_else(PoisonError::into_inner)
    }
}
