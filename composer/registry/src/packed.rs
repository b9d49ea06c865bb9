//! Loads a version folder: every file read, its hashes checked, all that is wrong told in one go.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use composer_page::{Asset, Platform, PublishedApp};
use contract::{
    Prefix,
    manifest::{self, Manifest},
};

use crate::{
    assets::StoredAsset,
    compress::Encoding,
    digest, folder,
    index::{self, Entry},
};

/// An app, and what browsers load of it.
#[derive(Debug)]
pub struct LoadedApp {
    /// The version.
    pub app: PublishedApp,
    /// Its files.
    pub assets: Vec<StoredAsset>,
}

/// The shell and its loader.
#[derive(Debug)]
pub struct LoadedPlatform {
    /// Their addresses.
    pub platform: Platform,
    /// Their files.
    pub assets: Vec<StoredAsset>,
}

/// Why a version folder is not used: everything that is wrong with it.
#[derive(Debug)]
pub struct PackedError {
    /// The folder.
    pub dir: PathBuf,
    /// One sentence each.
    pub problems: Vec<String>,
}

impl fmt::Display for PackedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a version that can be served:", self.dir.display())?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PackedError {}

/// Loads the version of an app that `pack` has put into `dir`.
///
/// # Errors
/// Everything that is missing, unreadable or not what its hash says.
pub fn load_app(dir: &Path, prefix: &Prefix) -> Result<LoadedApp, PackedError> {
    let mut folder = Folder::new(dir);
    let assets = folder.assets();
    let manifest = folder.manifest();
    let app = manifest.map(|manifest| folder.app(manifest, &assets, prefix));
    match app {
        Some(app) if folder.problems.is_empty() => Ok(LoadedApp { app, assets }),
        _ => Err(folder.into_error()),
    }
}

/// Loads the platform's browser files that `pack --platform` has put into `dir`.
///
/// # Errors
/// Everything that is missing, unreadable or not what its hash says.
pub fn load_platform(dir: &Path, prefix: &Prefix) -> Result<LoadedPlatform, PackedError> {
    let mut folder = Folder::new(dir);
    let assets = folder.assets();
    if !folder.problems.is_empty() {
        return Err(folder.into_error());
    }
    let file = |name: &str| address(&assets, name, prefix);
    let platform = Platform {
        prefix: prefix.clone(),
        loader: file("loader.js"),
        shell: file("shell.js"),
        shell_wasm: file("shell_bg.wasm"),
    };
    Ok(LoadedPlatform { platform, assets })
}

fn address(assets: &[StoredAsset], file: &str, prefix: &Prefix) -> Option<Asset> {
    let asset = assets.iter().find(|asset| asset.file == file)?;
    Some(Asset {
        url: prefix.asset(&asset.digest, &asset.file),
        integrity: asset.integrity.clone(),
    })
}

struct Folder<'p> {
    dir: &'p Path,
    problems: Vec<String>,
}

impl<'p> Folder<'p> {
    fn new(dir: &'p Path) -> Self {
        Self { dir, problems: vec![] }
    }

    fn into_error(self) -> PackedError {
        PackedError {
            dir: self.dir.into(),
            problems: self.problems,
        }
    }

    fn read(&mut self, path: &str) -> Option<Bytes> {
        folder::read(&self.dir.join(path))
            .map_err(|error| self.problems.push(format!("`{path}` can't be read: {error}")))
            .ok()
    }

    fn manifest(&mut self) -> Option<Manifest> {
        let bytes = self.read(manifest::FILE)?;
        let name = self.dir.join(manifest::FILE).display().to_string();
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.problems.push(format!("`{}` is not UTF-8", manifest::FILE));
            return None;
        };
        Manifest::parse(&name, text)
            .map_err(|breaches| self.problems.extend(breaches.iter().map(ToString::to_string)))
            .ok()
    }

    fn assets(&mut self) -> Vec<StoredAsset> {
        let Some(bytes) = self.read(index::FILE) else {
            return vec![];
        };
        let entries: Vec<Entry> = match serde_json::from_slice(&bytes) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems
                    .push(format!("`{}` is not a list of assets: {error}", index::FILE));
                return vec![];
            }
        };
        entries.into_iter().filter_map(|entry| self.asset(entry)).collect()
    }

    fn asset(&mut self, entry: Entry) -> Option<StoredAsset> {
        if let Some(rule) = entry.broken_rule() {
            self.problems.push(format!(
                "`{}`: asset `{}`: {rule}",
                index::FILE,
                entry.file.escape_debug()
            ));
            return None;
        }
        let path = entry.path();
        let identity = self.read(&path)?;
        if digest::digest(&identity) != entry.digest || digest::integrity(&identity) != entry.integrity {
            self.problems
                .push(format!("`{path}` is not the file that was packed: its hash differs"));
        }
        let mut copies = Vec::new();
        for encoding in Encoding::ALL
            .into_iter()
            .filter(|encoding| entry.encodings.contains(encoding))
        {
            let copy_path = format!("{path}.{}", encoding.extension());
            let Some(copy) = self.read(&copy_path) else { continue };
            let expanded = encoding.expand(&copy, identity.len() as u64 + 1);
            if !expanded.is_ok_and(|expanded| expanded == identity) {
                self.problems.push(format!("`{copy_path}` does not unpack to `{path}`"));
            }
            copies.push((encoding, copy));
        }
        Some(StoredAsset {
            file: entry.file,
            digest: entry.digest,
            integrity: entry.integrity,
            content_type: entry.content_type,
            identity,
            copies,
        })
    }

    fn app(&mut self, manifest: Manifest, assets: &[StoredAsset], prefix: &Prefix) -> PublishedApp {
        let mut layouts = HashMap::new();
        for layout in &manifest.layouts {
            layouts.extend(self.read(&layout.template).map(|bytes| (layout.name.clone(), bytes)));
        }
        let mut fallbacks = HashMap::new();
        for fragment in &manifest.fragments {
            let file = fragment.fallback.as_ref();
            fallbacks.extend(
                file.and_then(|file| self.read(file))
                    .map(|bytes| (fragment.name.clone(), bytes)),
            );
        }
        let mut asset = |file: &String| {
            let found = address(assets, file, prefix);
            if found.is_none() {
                self.problems.push(format!(
                    "`{file}` is in the manifest's `assets`, but not in `{}`",
                    index::FILE
                ));
            }
            found
        };
        PublishedApp {
            module: manifest.assets.module.as_ref().and_then(&mut asset),
            wasm: manifest.assets.wasm.as_ref().and_then(&mut asset),
            styles: manifest.assets.styles.iter().filter_map(&mut asset).collect(),
            manifest,
            layouts,
            fallbacks,
        }
    }
}
