//! What a composer serves: a site, its assets, and where its BFFs are; replaced as a whole.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use composer_page::{Platform, Site};
use contract::{AppName, Prefix, manifest::Breach};

use crate::{
    assets::{AssetStore, StoreError, StoredAsset},
    origin::Origin,
    packed::{LoadedApp, PackedError, load_app, load_platform},
};

/// Assets of a snapshot, copies included, take at most this much memory unless configured otherwise.
pub const ASSET_BYTES: u64 = 256 << 20;

/// A version folder, and the instances of its BFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSource {
    /// The folder that `pack` made.
    pub dir: PathBuf,
    /// Where its BFF runs.
    pub origins: Vec<Origin>,
}

/// One state of everything that is live.
#[derive(Debug)]
pub struct Snapshot {
    /// The apps, side by side.
    pub site: Arc<Site>,
    /// Their assets and the platform's.
    pub assets: AssetStore,
    origins: HashMap<AppName, Vec<Origin>>,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Folders that can't be loaded, all of them.
    #[error("{}", lines(.0))]
    Packed(Vec<PackedError>),
    /// Rules between the apps and in their layouts, all of them.
    #[error("{}", lines(.0))]
    Site(Vec<Breach>),
    /// There are more assets than fit.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lines<T: ToString>(each: &[T]) -> String {
    each.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

impl Snapshot {
    /// Loads, verifies and checks everything.
    ///
    /// # Errors
    /// All folders that can't be loaded; else all rules broken between them.
    pub fn load(
        apps: &[AppSource],
        shell_dir: Option<&Path>,
        prefix: &Prefix,
        max_asset_bytes: u64,
    ) -> Result<Self, SnapshotError> {
        let (platform, loaded) = load_all(apps, shell_dir, prefix).map_err(SnapshotError::Packed)?;
        let mut assets = AssetStore::new(max_asset_bytes);
        let mut origins = HashMap::new();
        let mut published = Vec::new();
        for asset in platform.assets {
            assets.insert(asset)?;
        }
        for (source, loaded) in apps.iter().zip(loaded) {
            for asset in loaded.assets {
                assets.insert(asset)?;
            }
            origins.insert(loaded.app.manifest.app.name.clone(), source.origins.clone());
            published.push(loaded.app);
        }
        let site = Site::new(published, platform.platform).map_err(SnapshotError::Site)?;
        Ok(Self {
            site: Arc::new(site),
            assets,
            origins,
        })
    }

    /// Where the BFF of `app` runs; empty when the app is not live.
    pub fn origins(&self, app: &AppName) -> &[Origin] {
        self.origins.get(app).map_or(&[], Vec::as_slice)
    }
}

struct AllLoaded {
    platform: Platform,
    assets: Vec<StoredAsset>,
}

fn load_all(
    apps: &[AppSource],
    shell_dir: Option<&Path>,
    prefix: &Prefix,
) -> Result<(AllLoaded, Vec<LoadedApp>), Vec<PackedError>> {
    let mut errors = Vec::new();
    let mut loaded = Vec::new();
    let mut platform = AllLoaded {
        platform: Platform {
            prefix: prefix.clone(),
            ..Platform::default()
        },
        assets: vec![],
    };
    match shell_dir.map(|dir| load_platform(dir, prefix)) {
        Some(Ok(shell)) => {
            platform = AllLoaded {
                platform: shell.platform,
                assets: shell.assets,
            }
        }
        Some(Err(error)) => errors.push(error),
        None => {}
    }
    for source in apps {
        match load_app(&source.dir, prefix) {
            Ok(app) => loaded.push(app),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok((platform, loaded))
    } else {
        Err(errors)
    }
}

/// The snapshot that is served now.
#[derive(Debug)]
pub struct Current(ArcSwap<Snapshot>);

impl Current {
    /// Begins with `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(ArcSwap::from_pointee(snapshot))
    }

    /// The snapshot of this moment; a request keeps the one it began with.
    pub fn get(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts another in its place.
    pub fn replace(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}
