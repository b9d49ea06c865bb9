//! Checks the files of a version before it is published: nothing that it says of itself is believed.

use std::collections::BTreeSet;

use composer_page::layout;
use contract::{
    AppVersion, Prefix,
    admin::{Finding, Severity, VersionFile},
    manifest::{self, Manifest},
};

use crate::{
    blobs::Blobs,
    compress::Encoding,
    folder::MAX_FILE_BYTES,
    index,
    library::StoredFiles,
    packed::{LoadedApp, Part, read},
    reader::{Reader, Trust},
};

/// Files of a version.
const MAX_FILES: usize = 2_000;
/// Bytes of all files of a version together.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// How a version's manifest may call it.
pub(crate) enum Name<'n> {
    /// Exactly so.
    Same,
    /// As the version, up to what is behind this: `-dev.`.
    Before(&'n str),
}

/// Checks a list of files by itself: what can be said before the files are there.
pub(crate) fn list(version: &AppVersion, files: &[VersionFile], max_bytes: u64) -> Result<(), Vec<Finding>> {
    let mut found = Vec::new();
    let mut add = |text: String| found.push(error(version, "files", text));
    if files.len() > MAX_FILES {
        add(format!("a version has at most {MAX_FILES} files, got {}", files.len()));
    }
    let total = files.iter().fold(0_u64, |total, file| total.saturating_add(file.bytes));
    if total > max_bytes {
        add(format!(
            "a version's files have at most {max_bytes} bytes together, got {total}"
        ));
    }
    let mut paths = BTreeSet::new();
    for file in files.iter().take(MAX_FILES) {
        let path = file.path.escape_debug();
        if !is_path(&file.path) {
            add(format!(
                "`{path}` must be a path of letters, digits, `.`, `-`, `_` and single `/`, without `..`"
            ));
        }
        if !paths.insert(file.path.as_str()) {
            add(format!("`{path}` must be there once"));
        }
        if file.bytes > MAX_FILE_BYTES {
            add(format!(
                "`{path}` may have {MAX_FILE_BYTES} bytes, it has {}",
                file.bytes
            ));
        }
    }
    for needed in [manifest::FILE, index::FILE]
        .into_iter()
        .filter(|name| !paths.contains(name))
    {
        add(format!(
            "`{needed}` is missing: publish all files of the folder that `marquetry pack` made"
        ));
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_');
    path.len() <= 512
        && path.bytes().all(plain)
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Reads every file and checks all of it; the app, whole.
pub(crate) fn contents(
    version: &AppVersion,
    name: &Name<'_>,
    files: &[VersionFile],
    blobs: &Blobs,
    prefix: &Prefix,
) -> Result<LoadedApp, Vec<Finding>> {
    let stored = StoredFiles::new(version, files, blobs);
    let mut reader = Reader::new(&stored, Trust::Nothing);
    let loaded = read(&mut reader, prefix, Part::Whole);
    // Where manifest or list can't be read, nobody knows what belongs to the version.
    let is_known = loaded.is_some() && reader.is_listed;
    for file in files
        .iter()
        .filter(|file| is_known && !reader.asked.contains(&file.path))
    {
        reader.problems.push(format!(
            "`{}` is in no place of a version folder: neither the manifest nor `{}` names it",
            file.path,
            index::FILE
        ));
    }
    if let Some(loaded) = &loaded {
        let mut check = Contents {
            loaded,
            problems: vec![],
        };
        check.name(version, name);
        check.pages();
        check.budget();
        reader.problems.append(&mut check.problems);
    }
    match loaded {
        Some(loaded) if reader.problems.is_empty() => Ok(loaded),
        _ => Err(reader
            .problems
            .into_iter()
            .map(|text| error(version, "files", text))
            .collect()),
    }
}

struct Contents<'l> {
    loaded: &'l LoadedApp,
    problems: Vec<String>,
}

impl Contents<'_> {
    fn manifest(&self) -> &Manifest {
        &self.loaded.app.manifest
    }

    fn name(&mut self, version: &AppVersion, name: &Name<'_>) {
        let own = self.manifest().app_version();
        let good = match name {
            Name::Same => own == *version,
            Name::Before(mark) => {
                let rest = version.version.as_str().strip_prefix(own.version.as_str());
                own.app == version.app && rest.is_some_and(|rest| rest.starts_with(mark))
            }
        };
        if !good {
            self.problems.push(format!(
                "the manifest is of `{own}`, it can't be published as `{version}`; put the new version into `{}`",
                manifest::FILE
            ));
        }
    }

    fn pages(&mut self) {
        let loaded = self.loaded;
        let reserved = format!("{}/", index::DIR);
        let mut paths: BTreeSet<&str> = BTreeSet::new();
        let own = &loaded.app.manifest;
        paths.extend(own.fragments.iter().filter_map(|terms| terms.fallback.as_deref()));
        paths.extend(own.events.schemas.values().map(String::as_str));
        for terms in &own.layouts {
            let template = loaded.app.layouts.get(&terms.name);
            paths.insert(&terms.template);
            for rule in template
                .map(|template| layout::check(terms, template))
                .unwrap_or_default()
            {
                self.problems.push(format!("`{}`: {rule}", terms.template));
            }
        }
        for path in paths {
            if path == manifest::FILE || path == index::FILE || path.starts_with(&reserved) {
                self.problems
                    .push(format!("`{path}` is a name that version folders keep for themselves"));
            }
        }
    }

    fn budget(&mut self) {
        let assets = &self.manifest().assets;
        let Some(budget_bytes) = assets.budget_bytes else {
            return;
        };
        let named = [&assets.module, &assets.wasm].into_iter().flatten();
        let total_bytes: u64 = named.filter_map(|name| self.weight(name)).sum();
        if total_bytes > budget_bytes {
            self.problems.push(format!(
                "module and WASM must have at most {budget_bytes} bytes with brotli, they have {total_bytes}"
            ));
        }
    }

    fn weight(&self, name: &str) -> Option<u64> {
        let asset = self.loaded.assets.iter().find(|asset| asset.file == name)?;
        let br = asset.copies.iter().find(|(encoding, _)| *encoding == Encoding::Br);
        Some(br.map_or(asset.identity.len(), |(_, bytes)| bytes.len()) as u64)
    }
}

fn error(version: &AppVersion, rule: &str, text: String) -> Finding {
    Finding {
        severity: Severity::Error,
        rule: rule.into(),
        at: version.to_string(),
        text,
    }
}
