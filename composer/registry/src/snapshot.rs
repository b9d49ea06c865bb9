//! What a composer serves at a revision: the stable composition, those of the canaries, and their assets.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use composer_ledger::{Audience, Revision, State};
use composer_page::Platform;
use contract::{AppVersion, Composition};

use crate::{
    assets::{AssetStore, StoreError, StoredAsset},
    composed::{ComposeError, Composed, Compositions},
    library::LoadError,
    origin::Origin,
    packed::{LoadedApp, PackedError},
};

/// Assets in memory, copies included, take at most this much unless configured otherwise.
pub const ASSET_BYTES: u64 = 256 << 20;

/// A version folder, and the instances of its BFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSource {
    /// The folder that `pack` made.
    pub dir: PathBuf,
    /// Where its BFF runs.
    pub origins: Vec<Origin>,
}

/// One state of everything that is live; a request keeps the one it began with.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) state: Arc<State>,
    pub(crate) stable: Arc<Composed>,
    /// Every composition that a visitor may get, as far as it could be built.
    pub(crate) live: Live,
    pub(crate) compositions: Arc<Compositions>,
    pub(crate) assets: Arc<AssetStore>,
    pub(crate) origins: HashMap<AppVersion, Vec<Origin>>,
}

/// Sites by their compositions.
pub(crate) type Live = Arc<HashMap<Composition, Arc<Composed>>>;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Folders that can't be loaded, all of them.
    #[error("{}", lines(.0))]
    Packed(Vec<PackedError>),
    /// What is live can't be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// There are more assets than fit.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lines<T: ToString>(each: &[T]) -> String {
    each.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

impl Snapshot {
    /// The ledger's entry that it shows.
    pub fn revision(&self) -> Revision {
        self.state.revision()
    }

    /// What all acts up to its revision add up to.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// What visitors see who are in no canary.
    pub fn stable(&self) -> &Arc<Composed> {
        &self.stable
    }

    /// What a visitor sees: the choice of the ledger's state, or what is stable where that can't be served.
    pub fn choose(&self, audience: &Audience<'_>) -> &Arc<Composed> {
        let chosen = self.state.choose(audience);
        self.live.get(&chosen).unwrap_or(&self.stable)
    }

    /// The platform's own files.
    pub fn platform(&self) -> &Platform {
        &self.compositions.platform
    }

    /// The site of a composition, if it is built already: it is for all that are live.
    pub fn ready(&self, composition: &Composition) -> Option<Arc<Composed>> {
        let live = self.live.get(composition).cloned();
        live.or_else(|| self.compositions.kept(composition))
    }

    /// The site of a composition, built when it isn't there. That reads files: where [`Snapshot::ready`] has nothing,
    /// [`Snapshot::compose`] does it beside the runtime's threads.
    ///
    /// # Errors
    /// When one of its versions isn't published or is damaged, or they don't fit together.
    pub fn composed(&self, composition: &Composition) -> Result<Arc<Composed>, ComposeError> {
        match self.ready(composition) {
            Some(composed) => Ok(composed),
            None => self.compositions.build_for_visit(&self.state, composition, None),
        }
    }

    /// The same with a version that is not published, in the place of its app's. Its name must never stand for other bytes.
    ///
    /// # Errors
    /// As [`Snapshot::composed`].
    pub fn composed_with(
        &self,
        composition: &Composition,
        instead: &Arc<LoadedApp>,
    ) -> Result<Arc<Composed>, ComposeError> {
        let composition = composition.with(&instead.app.manifest.app_version());
        match self.ready(&composition) {
            Some(composed) => Ok(composed),
            None => self
                .compositions
                .build_for_visit(&self.state, &composition, Some(instead)),
        }
    }

    /// As [`Snapshot::composed`] and, with `instead`, [`Snapshot::composed_with`], without keeping the runtime's threads.
    ///
    /// # Errors
    /// As [`Snapshot::composed`].
    pub async fn compose(
        self: &Arc<Self>,
        composition: &Composition,
        instead: Option<&Arc<LoadedApp>>,
    ) -> Result<Arc<Composed>, ComposeError> {
        let wanted = instead.map(|app| composition.with(&app.app.manifest.app_version()));
        if let Some(composed) = self.ready(wanted.as_ref().unwrap_or(composition)) {
            return Ok(composed);
        }
        let (snapshot, composition, instead) = (Arc::clone(self), composition.clone(), instead.cloned());
        let building = tokio::task::spawn_blocking(move || match instead {
            Some(app) => snapshot.composed_with(&composition, &app),
            None => snapshot.composed(&composition),
        });
        building.await.unwrap_or(Err(ComposeError::Ended))
    }

    /// The pages of a published version, live or not, without keeping the runtime's threads.
    ///
    /// # Errors
    /// When it isn't published, or is damaged.
    pub async fn load(self: &Arc<Self>, version: &AppVersion) -> Result<Arc<LoadedApp>, LoadError> {
        let (snapshot, wanted) = (Arc::clone(self), version.clone());
        let loading =
            tokio::task::spawn_blocking(move || snapshot.compositions.library.pages(&snapshot.state, &wanted));
        loading
            .await
            .unwrap_or_else(|_| Err(LoadError::Unknown(version.clone())))
    }

    /// An asset of a live version or of the platform. [`Registry::asset`](crate::Registry::asset) finds those of all versions.
    pub fn asset(&self, digest: &str, file: &str) -> Option<&Arc<StoredAsset>> {
        self.assets.get(digest, file)
    }

    /// Where the BFF of a version runs, beside the instances that announce themselves.
    pub fn origins(&self, version: &AppVersion) -> &[Origin] {
        self.origins.get(version).map_or(&[], Vec::as_slice)
    }
}
