//! Reads a version's files, checks them against each other, and collects all that is wrong.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use bytes::Bytes;
use composer_page::{Asset, PublishedApp};
use contract::{
    Prefix, Topic,
    manifest::{self, Manifest},
};
use serde_json::Value;

use crate::{
    assets::StoredAsset,
    compress::Encoding,
    digest,
    files::Files,
    folder::{MAX_PAGE_BYTES, MAX_TEXT_BYTES},
    index::{self, Entry},
    schema,
};

/// How much of what a version says of itself is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Nothing: every hash is computed, every copy unpacked.
    Nothing,
    /// Everything: it was checked when it was published, and its bytes are known to be the same.
    Published,
}

/// A version that is being read.
pub(crate) struct Reader<'f, F: Files + ?Sized> {
    /// One sentence for each thing that is wrong.
    pub(crate) problems: Vec<String>,
    /// The paths that were asked for.
    pub(crate) asked: BTreeSet<String>,
    /// True once the list of assets was read.
    pub(crate) is_listed: bool,
    files: &'f F,
    trust: Trust,
}

impl<'f, F: Files + ?Sized> Reader<'f, F> {
    pub(crate) fn new(files: &'f F, trust: Trust) -> Self {
        Self {
            problems: vec![],
            asked: BTreeSet::new(),
            is_listed: false,
            files,
            trust,
        }
    }

    pub(crate) fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn read(&mut self, path: &str) -> Option<Bytes> {
        self.asked.insert(path.to_owned());
        self.files
            .read(path)
            .map_err(|error| self.problem(format!("`{path}` can't be read: {error}")))
            .ok()
    }

    /// The same for a file that is parsed or kept in memory.
    fn read_short(&mut self, path: &str, max_bytes: usize) -> Option<Bytes> {
        let bytes = self.read(path)?;
        if bytes.len() > max_bytes {
            self.problem(format!("`{path}` has {} bytes, {max_bytes} are allowed", bytes.len()));
            return None;
        }
        Some(bytes)
    }

    pub(crate) fn manifest(&mut self) -> Option<Manifest> {
        let bytes = self.read_short(manifest::FILE, MAX_TEXT_BYTES)?;
        let name = Path::new(&self.files.name()).join(manifest::FILE).display().to_string();
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.problem(format!("`{}` is not UTF-8", manifest::FILE));
            return None;
        };
        Manifest::parse(&name, text)
            .map_err(|breaches| self.problems.extend(breaches.iter().map(ToString::to_string)))
            .ok()
    }

    /// The list of assets; those whose names are unsafe are left out.
    pub(crate) fn entries(&mut self) -> Vec<Entry> {
        let Some(bytes) = self.read_short(index::FILE, MAX_TEXT_BYTES) else {
            return vec![];
        };
        let entries: Vec<Entry> = match serde_json::from_slice(&bytes) {
            Ok(entries) => entries,
            Err(error) => {
                self.problem(format!("`{}` is not a list of assets: {error}", index::FILE));
                return vec![];
            }
        };
        self.is_listed = true;
        let mut good: Vec<Entry> = Vec::new();
        for entry in entries {
            let twice = good.iter().any(|known| known.file == entry.file);
            let rule = entry.broken_rule().or(twice.then_some("`file` must be there once"));
            match rule {
                Some(rule) => self.problem(format!(
                    "`{}`: asset `{}`: {rule}",
                    index::FILE,
                    entry.file.escape_debug()
                )),
                None => good.push(entry),
            }
        }
        good
    }

    /// Reads one asset with its copies.
    pub(crate) fn asset(&mut self, entry: &Entry) -> Option<StoredAsset> {
        let path = entry.path();
        let identity = self.read(&path)?;
        if self.trust == Trust::Nothing {
            self.check_asset(entry, &path, &identity);
        }
        let mut copies = Vec::new();
        for encoding in Encoding::ALL {
            if !entry.encodings.contains(&encoding) {
                continue;
            }
            let copy_path = format!("{path}.{}", encoding.extension());
            let Some(copy) = self.read(&copy_path) else { continue };
            if self.trust == Trust::Nothing && !unpacks(encoding, &copy, &identity) {
                self.problem(format!("`{copy_path}` is not a smaller copy that unpacks to `{path}`"));
            }
            copies.push((encoding, copy));
        }
        Some(StoredAsset {
            file: entry.file.clone(),
            digest: entry.digest.clone(),
            integrity: entry.integrity.clone(),
            content_type: index::content_type(&entry.file),
            identity,
            copies,
        })
    }

    fn check_asset(&mut self, entry: &Entry, path: &str, identity: &Bytes) {
        if digest::digest(identity) != entry.digest || digest::integrity(identity) != entry.integrity {
            self.problem(format!("`{path}` is not the file that was packed: its hash differs"));
        }
        if identity.len() as u64 != entry.bytes {
            let listed = entry.bytes;
            self.problem(format!(
                "`{path}` has {} bytes, `{}` says {listed}",
                identity.len(),
                index::FILE
            ));
        }
    }

    /// The JSON schemas of the app's topics.
    pub(crate) fn schemas(&mut self, manifest: &Manifest) -> BTreeMap<Topic, Value> {
        let mut schemas = BTreeMap::new();
        for (topic, path) in &manifest.events.schemas {
            let Some(bytes) = self.read_short(path, MAX_PAGE_BYTES) else {
                continue;
            };
            match schema::parse(&bytes) {
                Ok(schema) => {
                    schemas.insert(topic.clone(), schema);
                }
                Err(error) => self.problem(format!("`{path}`, the schema of `{topic}`, {error}")),
            }
        }
        schemas
    }

    /// The app, with the files that its pages are built from.
    pub(crate) fn app(&mut self, manifest: Manifest, entries: &[Entry], prefix: &Prefix) -> PublishedApp {
        let mut layouts = HashMap::new();
        for layout in &manifest.layouts {
            let template = self.read_short(&layout.template, MAX_PAGE_BYTES);
            layouts.extend(template.map(|bytes| (layout.name.clone(), bytes)));
        }
        let mut fallbacks = HashMap::new();
        for fragment in &manifest.fragments {
            let file = fragment.fallback.as_ref();
            fallbacks.extend(
                file.and_then(|file| self.read_short(file, MAX_PAGE_BYTES))
                    .map(|bytes| (fragment.name.clone(), bytes)),
            );
        }
        let mut asset = |file: &String| {
            let found = address(entries, file, prefix);
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

/// Where browsers find `file`.
pub(crate) fn address(entries: &[Entry], file: &str, prefix: &Prefix) -> Option<Asset> {
    let entry = entries.iter().find(|entry| entry.file == file)?;
    Some(Asset {
        url: prefix.asset(&entry.digest, &entry.file),
        integrity: entry.integrity.clone(),
    })
}

/// True when `copy` is `identity`, and smaller; no more than one byte beyond it is ever unpacked.
fn unpacks(encoding: Encoding, copy: &[u8], identity: &[u8]) -> bool {
    if copy.len() >= identity.len() {
        return false;
    }
    let expanded = encoding.expand(copy, identity.len() as u64 + 1);
    expanded.is_ok_and(|expanded| expanded == identity)
}
