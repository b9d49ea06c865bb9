//! An app's source folder: its manifest, and the files that the manifest names.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use composer_page::layout;
use contract::manifest::{self, Breach, Manifest};

use crate::{
    error::PackError,
    folder::{self, MAX_PAGE_BYTES},
    index, schema,
};

/// A source folder that is being checked.
pub(crate) struct Source<'p> {
    pub(crate) manifest: Manifest,
    pub(crate) text: Bytes,
    dir: &'p Path,
    file: String,
    breaches: Vec<Breach>,
}

impl<'p> Source<'p> {
    pub(crate) fn read(dir: &'p Path) -> Result<Self, PackError> {
        let path = dir.join(manifest::FILE);
        let text = folder::read(&path).map_err(|source| PackError::Read {
            path: path.clone(),
            source,
        })?;
        let file = path.display().to_string();
        let parsed = Manifest::parse(&file, &String::from_utf8_lossy(&text));
        Ok(Self {
            manifest: parsed.map_err(PackError::Manifest)?,
            text,
            dir,
            file,
            breaches: vec![],
        })
    }

    /// The folder of the files for browsers, if the manifest names one.
    pub(crate) fn assets_dir(&self) -> Option<PathBuf> {
        self.manifest.assets.dir.as_ref().map(|dir| self.dir.join(dir))
    }

    /// The layouts, fallbacks and schemas, each with its path.
    pub(crate) fn pages(&mut self) -> Vec<(String, Bytes)> {
        let mut files = Vec::new();
        for (at, terms) in self.manifest.layouts.clone().iter().enumerate() {
            let key = format!("layouts[{at}].template");
            let Some(bytes) = self.named(&key, &terms.template) else {
                continue;
            };
            for rule in layout::check(terms, &bytes) {
                self.breach(&key, &terms.template, format!("`{}`: {rule}", terms.template));
            }
            files.push((terms.template.clone(), bytes));
        }
        for (at, terms) in self.manifest.fragments.clone().iter().enumerate() {
            let Some(path) = &terms.fallback else { continue };
            let bytes = self.named(&format!("fragments[{at}].fallback"), path);
            files.extend(bytes.map(|bytes| (path.clone(), bytes)));
        }
        for (topic, path) in &self.manifest.events.schemas.clone() {
            let key = format!("events.schemas.{topic}");
            let Some(bytes) = self.named(&key, path) else { continue };
            if let Err(error) = schema::parse(&bytes) {
                self.breach(&key, path, format!("`{path}` {error}"));
            }
            files.push((path.clone(), bytes));
        }
        files
    }

    fn named(&mut self, key: &str, path: &str) -> Option<Bytes> {
        if path == manifest::FILE || path == index::FILE || path.starts_with(&format!("{}/", index::DIR)) {
            self.breach(
                key,
                path,
                format!("`{path}` is a name that version folders keep for themselves"),
            );
            return None;
        }
        match folder::read(&self.dir.join(path)) {
            Ok(bytes) if bytes.len() <= MAX_PAGE_BYTES => Some(bytes),
            Ok(bytes) => {
                let rule = format!("`{path}` may have {MAX_PAGE_BYTES} bytes, it has {}", bytes.len());
                self.breach(key, path, rule);
                None
            }
            Err(_) => {
                self.breach(key, path, format!("`{path}` must be a file beside the manifest"));
                None
            }
        }
    }

    /// Checks that the assets which the manifest names are among those there are.
    pub(crate) fn check_assets(&mut self, there: impl Fn(&str) -> bool) {
        let assets = self.manifest.assets.clone();
        let named = [
            ("module", assets.module.as_slice()),
            ("wasm", assets.wasm.as_slice()),
            ("styles", &assets.styles),
        ];
        for (key, paths) in named {
            for path in paths.iter().filter(|path| !there(path)) {
                let rule = format!("`{path}` must be in the assets folder");
                self.breach(&format!("assets.{key}"), path, rule);
            }
        }
    }

    /// Checks what module and WASM weigh together.
    pub(crate) fn check_budget(&mut self, weight: impl Fn(&str) -> Option<u64>) {
        let assets = &self.manifest.assets;
        let Some(budget_bytes) = assets.budget_bytes else {
            return;
        };
        let named = [&assets.module, &assets.wasm].into_iter().flatten();
        let total_bytes: u64 = named.filter_map(|name| weight(name)).sum();
        if total_bytes > budget_bytes {
            let rule =
                format!("module and WASM must have at most {budget_bytes} bytes with brotli, they have {total_bytes}");
            self.breach("assets.budget_bytes", "budget_bytes", rule);
        }
    }

    /// The manifest, once nothing is wrong with it.
    pub(crate) fn into_manifest(self) -> Result<Manifest, PackError> {
        let mut breaches = self.breaches;
        breaches.sort();
        if breaches.is_empty() {
            Ok(self.manifest)
        } else {
            Err(PackError::Manifest(breaches))
        }
    }

    /// Notes a breach at the first line that has `word`.
    fn breach(&mut self, key: &str, word: &str, rule: String) {
        let text = String::from_utf8_lossy(&self.text);
        let line = text.lines().position(|line| line.contains(word)).map_or(1, |at| at + 1);
        self.breaches.push(Breach {
            file: self.file.clone(),
            line,
            key: key.into(),
            rule,
        });
    }
}
