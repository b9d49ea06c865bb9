//! Files that browsers load together.

use std::path::PathBuf;

use super::weight::Weight;
use crate::place;

/// One thing that has a limit.
pub(super) struct Bundle {
    pub(super) name: String,
    pub(super) files: Vec<PathBuf>,
    /// With brotli.
    pub(super) limit_bytes: Option<u64>,
    /// Where the limit is said.
    pub(super) limit_is: String,
    pub(super) weight: Weight,
}

impl Bundle {
    /// Its files, as seen from the workspace's root.
    pub(super) fn paths(&self) -> String {
        let root = place::root();
        let paths = self.files.iter().map(|file| file.strip_prefix(&root).unwrap_or(file));
        paths
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    }
}
