//! Versions as they are needed: their pages, loaded once and kept while they are used.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use composer_ledger::{Published, State};
use contract::{AppVersion, Prefix};

use crate::{
    assets::StoredAsset,
    blobs::Blobs,
    files::Files,
    index::Entry,
    packed::{LoadedApp, PackedError, Part, load},
    reader::{Reader, Trust},
    recent::Recent,
};

/// Versions whose pages are kept.
const KEPT: u64 = 256;

/// Why a version can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It isn't published, or was forgotten.
    #[error("`{0}` is not published")]
    Unknown(AppVersion),
    /// Its files are missing or damaged.
    #[error(transparent)]
    Packed(#[from] PackedError),
}

impl LoadError {
    /// Which version it is about.
    pub fn name(&self) -> String {
        match self {
            Self::Unknown(version) => version.to_string(),
            Self::Packed(error) => error.name.clone(),
        }
    }
}

/// All versions that can be loaded.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) prefix: Prefix,
    shelf: Shelf,
}

#[derive(Debug)]
enum Shelf {
    Fixed(HashMap<AppVersion, Arc<LoadedApp>>),
    Stored {
        blobs: Arc<Blobs>,
        pages: Mutex<Recent<AppVersion, Arc<LoadedApp>>>,
    },
}

/// The stored files of a version.
pub(crate) struct StoredFiles<'b> {
    name: String,
    blobs: &'b Blobs,
    files: HashMap<&'b str, &'b contract::admin::VersionFile>,
}

impl<'b> StoredFiles<'b> {
    pub(crate) fn new(version: &AppVersion, files: &'b [contract::admin::VersionFile], blobs: &'b Blobs) -> Self {
        Self {
            name: version.to_string(),
            blobs,
            files: files.iter().map(|file| (file.path.as_str(), file)).collect(),
        }
    }
}

impl Files for StoredFiles<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        let Some(file) = self.files.get(path) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the version has no such file"));
        };
        let bytes = self.blobs.read(&file.sha256).map_err(io::Error::other)?;
        if bytes.len() as u64 == file.bytes {
            Ok(bytes)
        } else {
            let rule = format!("it has {} bytes, the version says {}", bytes.len(), file.bytes);
            Err(io::Error::other(rule))
        }
    }
}

impl Library {
    pub(crate) fn fixed(prefix: Prefix, apps: Vec<LoadedApp>) -> Self {
        let apps = apps
            .into_iter()
            .map(|app| (app.app.manifest.app_version(), Arc::new(app)));
        Self {
            prefix,
            shelf: Shelf::Fixed(apps.collect()),
        }
    }

    pub(crate) fn stored(prefix: Prefix, blobs: Arc<Blobs>) -> Self {
        let pages = Mutex::new(Recent::new(KEPT));
        Self {
            prefix,
            shelf: Shelf::Stored { blobs, pages },
        }
    }

    /// The pages of a published version; read from the disk when they aren't kept.
    pub(crate) fn pages(&self, state: &State, version: &AppVersion) -> Result<Arc<LoadedApp>, LoadError> {
        let (blobs, pages) = match &self.shelf {
            Shelf::Fixed(apps) => {
                let app = apps.get(version).ok_or_else(|| LoadError::Unknown(version.clone()))?;
                return Ok(Arc::clone(app));
            }
            Shelf::Stored { blobs, pages } => (blobs, pages),
        };
        let published = published(state, version)?;
        let lock = || pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(version) {
            return Ok(known);
        }
        let files = StoredFiles::new(version, &published.files, blobs);
        let loaded = Arc::new(load(&files, &self.prefix, Trust::Published, Part::Pages)?);
        lock().insert(version.clone(), Arc::clone(&loaded), 1);
        Ok(loaded)
    }

    /// One asset of a published version, read from the disk.
    pub(crate) fn asset(
        &self,
        state: &State,
        version: &AppVersion,
        entry: &Entry,
    ) -> Result<Arc<StoredAsset>, LoadError> {
        let Shelf::Stored { blobs, .. } = &self.shelf else {
            return Err(LoadError::Unknown(version.clone()));
        };
        let published = published(state, version)?;
        let files = StoredFiles::new(version, &published.files, blobs);
        let mut reader = Reader::new(&files, Trust::Published);
        match reader.asset(entry) {
            Some(asset) if reader.problems.is_empty() => Ok(Arc::new(asset)),
            _ => Err(LoadError::Packed(PackedError {
                name: version.to_string(),
                problems: reader.problems,
            })),
        }
    }
}

fn published<'s>(state: &'s State, version: &AppVersion) -> Result<&'s Arc<Published>, LoadError> {
    state
        .version(version)
        .ok_or_else(|| LoadError::Unknown(version.clone()))
}
