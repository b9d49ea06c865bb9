//! Assets of versions that aren't live: tabs that were opened with one still ask for them.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use composer_ledger::{Revision, State};
use contract::AppVersion;
use tokio::sync::Semaphore;
use tracing::warn;

use super::{Inner, Registry};
use crate::{assets::StoredAsset, composed::Compositions, digest, index, recent::Recent};

/// Assets that were read from the disk stay in memory up to this many bytes.
const KEPT_BYTES: u64 = 32 << 20;
/// Files that are read at the same time.
const READERS: usize = 4;

#[derive(Debug)]
pub(super) struct Attic {
    readers: Semaphore,
    kept: Mutex<Recent<Key, Arc<StoredAsset>>>,
    places: Mutex<Places>,
}

type Key = (String, String);

/// Which version has a file, by the hash of its path.
#[derive(Debug, Default)]
struct Places {
    revision: Revision,
    hasher: RandomState,
    versions: HashMap<u64, AppVersion>,
}

impl Attic {
    pub(super) fn new() -> Self {
        Self {
            readers: Semaphore::new(READERS),
            kept: Mutex::new(Recent::new(KEPT_BYTES)),
            places: Mutex::default(),
        }
    }

    fn kept(&self, key: &Key) -> Option<Arc<StoredAsset>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(key)
    }

    fn read(&self, state: &State, compositions: &Compositions, key: Key) -> Option<Arc<StoredAsset>> {
        let version = self.place(state, &format!("{}/{}/{}", index::DIR, key.0, key.1))?;
        let library = &compositions.library;
        let pages = library.pages(state, &version);
        let pages = pages
            .inspect_err(|error| warn!(%version, %error, "an old version can't be read"))
            .ok()?;
        let entry = pages
            .entries
            .iter()
            .find(|entry| entry.digest == key.0 && entry.file == key.1)?;
        let asset = library.asset(state, &version, entry);
        let asset = asset
            .inspect_err(|error| warn!(%version, %error, "an asset can't be read"))
            .ok()?;
        let weight = asset.held_bytes();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key, Arc::clone(&asset), weight);
        Some(asset)
    }

    fn place(&self, state: &State, path: &str) -> Option<AppVersion> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.revision != state.revision() {
            places.fill(state);
        }
        let hash = places.hasher.hash_one(path);
        places.versions.get(&hash).cloned()
    }
}

impl Places {
    fn fill(&mut self, state: &State) {
        self.versions.clear();
        for published in state.versions() {
            let assets = published.files.iter().filter(|file| file.path.starts_with(index::DIR));
            for file in assets {
                let hash = self.hasher.hash_one(file.path.as_str());
                self.versions.insert(hash, published.version.clone());
            }
        }
        self.revision = state.revision();
    }
}

impl Registry {
    /// The asset at `/_m/assets/<digest>/<file>`: of any version that is published, of the platform, or of an open override.
    pub async fn asset(&self, digest: &str, file: &str) -> Option<Arc<StoredAsset>> {
        if let Some(asset) = self.0.current.load().asset(digest, file) {
            return Some(Arc::clone(asset));
        }
        let stored = self.0.stored.as_ref()?;
        if !digest::is_digest(digest) || !index::is_file_name(file) {
            return None;
        }
        if let Some(asset) = stored.overrides.asset(digest, file) {
            return Some(asset);
        }
        let key = (digest.to_owned(), file.to_owned());
        if let Some(asset) = stored.attic.kept(&key) {
            return Some(asset);
        }
        let _place = stored.attic.readers.acquire().await.ok()?;
        let inner = Arc::clone(&self.0);
        let read = tokio::task::spawn_blocking(move || inner.read(key));
        read.await.ok()?
    }
}

impl Inner {
    fn read(&self, key: Key) -> Option<Arc<StoredAsset>> {
        let stored = self.stored.as_ref()?;
        let known = stored.attic.kept(&key);
        known.or_else(|| {
            stored
                .attic
                .read(&stored.ledger.state(), &self.current.load().compositions, key)
        })
    }
}
