//! Folders of files: when they were changed, and copies of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// When a file was written last; for a folder the newest in it.
pub fn modified(path: &Path) -> SystemTime {
    let own = fs::metadata(path)
        .and_then(|data| data.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH);
    if !path.is_dir() {
        return own;
    }
    let below = entries(path).unwrap_or_default();
    below.iter().map(|entry| modified(entry)).max().unwrap_or(own)
}

/// Copies a folder's files, those in folders below it too.
///
/// # Errors
/// The first file that can't be read or written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in entries(from)? {
        let target = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy(&entry, &target)?;
        } else {
            let said = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", entry.display()));
            fs::copy(&entry, &target).map_err(said)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}
