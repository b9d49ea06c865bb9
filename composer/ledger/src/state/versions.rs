//! Published versions, and what is remembered of forgotten ones.

use std::{collections::BTreeMap, sync::Arc};

use contract::{AppVersion, admin::VersionFile};
use sha2::{Digest, Sha256};

use super::Touched;
use crate::entry::{Actor, Entry, Revision};

/// A version that can be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Which.
    pub version: AppVersion,
    /// All its files, by path.
    pub files: Vec<VersionFile>,
    /// Where it comes from, for people.
    pub note: Option<String>,
    /// The entry that published it.
    pub revision: Revision,
    /// When that was.
    pub at_ms: u64,
    /// Who did it.
    pub by: Actor,
    /// Where its BFF runs, beside the instances that announce themselves.
    pub origins: Vec<String>,
    /// Its latest change: that it was published, or its origins.
    pub touched: Touched,
    /// Since when it is live for nobody; `None` while it is for somebody.
    pub idle_since_ms: Option<u64>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
    pub(super) published: BTreeMap<AppVersion, Arc<Published>>,
    /// What the files of forgotten versions were, so that no version ever comes back with others.
    pub(super) forgotten: BTreeMap<AppVersion, (Revision, [u8; 32])>,
}

impl Versions {
    pub(super) fn publish(&mut self, version: &AppVersion, files: &[VersionFile], note: Option<String>, entry: &Entry) {
        let published = Published {
            version: version.clone(),
            files: by_path(files),
            note,
            revision: entry.revision,
            at_ms: entry.at_ms,
            by: entry.by.clone(),
            origins: vec![],
            touched: entry.into(),
            idle_since_ms: Some(entry.at_ms),
        };
        self.forgotten.remove(version);
        self.published.insert(version.clone(), Arc::new(published));
    }

    pub(super) fn set_origins(&mut self, version: &AppVersion, origins: &[String], entry: &Entry) {
        if let Some(published) = self.published.get_mut(version) {
            let published = Arc::make_mut(published);
            published.origins = origins.to_vec();
            published.touched = entry.into();
        }
    }

    pub(super) fn set_idle(&mut self, version: &AppVersion, since_ms: Option<u64>) {
        if let Some(published) = self.published.get_mut(version) {
            Arc::make_mut(published).idle_since_ms = since_ms;
        }
    }

    pub(super) fn forget(&mut self, version: &AppVersion) {
        if let Some(gone) = self.published.remove(version) {
            self.forgotten
                .insert(version.clone(), (gone.revision, fingerprint(&gone.files)));
        }
    }
}

pub(super) fn by_path(files: &[VersionFile]) -> Vec<VersionFile> {
    let mut sorted = files.to_vec();
    sorted.sort();
    sorted
}

/// One hash for a list of files, whatever its order.
pub(super) fn fingerprint(files: &[VersionFile]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for file in by_path(files) {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(file.sha256.as_str());
        hash.update(file.bytes.to_be_bytes());
    }
    hash.finalize().into()
}
