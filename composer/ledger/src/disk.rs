//! Files that are whole or not there, and the folder that keeps what was damaged.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::moment::Moment;

/// The folder within the data folder.
pub(crate) const DAMAGED: &str = "damaged";
/// Older evidence goes when there is more.
const MOST_EVIDENCE: usize = 32;

/// Which file a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl From<&fs::Metadata> for FileId {
    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

/// The file at `path`, if there is one.
pub(crate) fn file_at(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Err(io::Error::other(format!("`{}` is not a file", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes names in `folder` last.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A folder for evidence that nobody else has: `damaged/20261123-091018`. It is made when something is put in.
pub(crate) fn evidence_folder(data_dir: &Path, now_ms: u64) -> PathBuf {
    let moment = Moment(now_ms).to_string();
    let name: String = moment
        .trim_end_matches(" UTC")
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c => c.is_ascii_digit().then_some(c),
        })
        .collect();
    let base = data_dir.join(DAMAGED);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free = names.find(|name| !base.join(name).exists());
    base.join(free.unwrap_or(name))
}

/// Drops the oldest evidence beyond what is kept. That it can't be dropped is no reason to stop.
pub(crate) fn prune_evidence(data_dir: &Path) {
    let Ok(entries) = fs::read_dir(data_dir.join(DAMAGED)) else {
        return;
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let surplus = folders.len().saturating_sub(MOST_EVIDENCE);
    for folder in &folders[..surplus] {
        if let Err(error) = fs::remove_dir_all(folder) {
            tracing::warn!(folder = %folder.display(), %error, "old evidence can't be dropped");
        }
    }
}
