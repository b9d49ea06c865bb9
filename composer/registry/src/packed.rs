//! Loads versions: out of a version folder, or out of stored blobs; all that is wrong is told in one go.

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use composer_page::{Asset, Inspector, Platform, PublishedApp};
use contract::{Prefix, Topic, Version};
use serde_json::Value;

use crate::{
    assets::StoredAsset,
    files::Files,
    index::Entry,
    reader::{Reader, Trust, address},
};

/// An app, and what browsers load of it.
#[derive(Debug)]
pub struct LoadedApp {
    /// The version.
    pub app: Arc<PublishedApp>,
    /// The JSON schemas of the topics that it publishes, of those that have one.
    pub schemas: BTreeMap<Topic, Value>,
    /// Its files; none where only its pages were loaded.
    pub assets: Vec<Arc<StoredAsset>>,
    pub(crate) entries: Vec<Entry>,
}

impl LoadedApp {
    /// The same under another version.
    pub(crate) fn renamed(mut self, version: &Version) -> Self {
        Arc::make_mut(&mut self.app).manifest.app.version = version.clone();
        self
    }
}

/// The shell and its loader.
#[derive(Debug)]
pub struct LoadedPlatform {
    /// Their addresses.
    pub platform: Platform,
    /// Their files.
    pub assets: Vec<Arc<StoredAsset>>,
}

/// Why a version is not used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedError {
    /// The folder, or the version.
    pub name: String,
    /// One sentence each.
    pub problems: Vec<String>,
}

impl fmt::Display for PackedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a version that can be served:", self.name)?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PackedError {}

/// What is loaded of a version's assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Their addresses.
    Pages,
    /// Their bytes too.
    Whole,
}

/// Loads the version of an app that `pack` has put into `dir`.
///
/// # Errors
/// Everything that is missing, unreadable or not what its hash says.
pub fn load_app(dir: &Path, prefix: &Prefix) -> Result<LoadedApp, PackedError> {
    load(dir, prefix, Trust::Nothing, Part::Whole)
}

/// Loads a version of an app out of `files`.
pub(crate) fn load<F: Files + ?Sized>(
    files: &F,
    prefix: &Prefix,
    trust: Trust,
    part: Part,
) -> Result<LoadedApp, PackedError> {
    let mut reader = Reader::new(files, trust);
    let loaded = read(&mut reader, prefix, part);
    finish(reader, files, loaded)
}

/// Reads everything; `None` when there is no manifest that makes sense.
pub(crate) fn read<F: Files + ?Sized>(reader: &mut Reader<'_, F>, prefix: &Prefix, part: Part) -> Option<LoadedApp> {
    let entries = reader.entries();
    let assets = match part {
        Part::Whole => assets(reader, &entries),
        Part::Pages => vec![],
    };
    let manifest = reader.manifest()?;
    let schemas = reader.schemas(&manifest);
    Some(LoadedApp {
        app: Arc::new(reader.app(manifest, &entries, prefix)),
        schemas,
        assets,
        entries,
    })
}

/// Loads the platform's browser files that `pack --platform` has put into `dir`.
///
/// # Errors
/// Everything that is missing, unreadable or not what its hash says.
pub fn load_platform(dir: &Path, prefix: &Prefix) -> Result<LoadedPlatform, PackedError> {
    let mut reader = Reader::new(dir, Trust::Nothing);
    let entries = reader.entries();
    let assets = assets(&mut reader, &entries);
    let file = |name: &str| address(&entries, name, prefix);
    let platform = Platform {
        prefix: prefix.clone(),
        loader: file("loader.js"),
        mend: file("mend.js"),
        shell: file("shell.js"),
        shell_wasm: file("shell_bg.wasm"),
        live: file("live.js"),
        versions: file("versions.js"),
        inspector: inspector(&file),
    };
    finish(reader, dir, Some(LoadedPlatform { platform, assets }))
}

/// All of its files, or none: a platform may be packed without it.
fn inspector(file: &impl Fn(&str) -> Option<Asset>) -> Option<Inspector> {
    Some(Inspector {
        door: file("inspector.js")?,
        module: file("inspector_module.js")?,
        wasm: file("inspector_bg.wasm")?,
    })
}

fn assets<F: Files + ?Sized>(reader: &mut Reader<'_, F>, entries: &[Entry]) -> Vec<Arc<StoredAsset>> {
    let read = entries.iter().filter_map(|entry| reader.asset(entry));
    read.map(Arc::new).collect()
}

fn finish<F: Files + ?Sized, T>(reader: Reader<'_, F>, files: &F, loaded: Option<T>) -> Result<T, PackedError> {
    match loaded {
        Some(loaded) if reader.problems.is_empty() => Ok(loaded),
        _ => Err(PackedError {
            name: files.name(),
            problems: reader.problems,
        }),
    }
}
