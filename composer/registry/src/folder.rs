//! Reads source folders and writes version folders, whole or not at all.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::{
    error::PackError,
    index::{self, Entry},
};

/// No file of a version is longer.
pub(crate) const MAX_FILE_BYTES: u64 = 64 << 20;

/// No manifest and no list of assets is longer.
pub(crate) const MAX_TEXT_BYTES: usize = 256 << 10;
/// No layout, fallback or schema is longer: they are in memory, and in pages.
pub(crate) const MAX_PAGE_BYTES: usize = 1 << 20;

/// Reads a file that is not longer than [`MAX_FILE_BYTES`].
pub(crate) fn read(path: &Path) -> io::Result<Bytes> {
    let length = fs::metadata(path)?.len();
    if length > MAX_FILE_BYTES {
        return Err(io::Error::other(format!(
            "it has {length} bytes, {MAX_FILE_BYTES} are allowed"
        )));
    }
    fs::read(path).map(Bytes::from)
}

/// The assets of a folder, by name, but for hidden files.
pub(crate) fn assets(dir: &Path) -> Result<BTreeMap<String, Bytes>, PackError> {
    let unreadable = |path: &Path, source| PackError::Read {
        path: path.into(),
        source,
    };
    let mut assets = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(|error| unreadable(dir, error))? {
        let entry = entry.map_err(|error| unreadable(dir, error))?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let name = entry
            .file_name()
            .into_string()
            .ok()
            .filter(|name| index::is_file_name(name));
        let name = name
            .filter(|_| path.is_file())
            .ok_or_else(|| PackError::Name { path: path.clone() })?;
        assets.insert(name, read(&path).map_err(|error| unreadable(&path, error))?);
    }
    Ok(assets)
}

/// The assets that a version folder lists; none where there is no list that makes sense.
pub(crate) fn entries(dir: &Path) -> Vec<Entry> {
    let list = read(&dir.join(index::FILE)).ok();
    let entries: Option<Vec<Entry>> = list.and_then(|list| serde_json::from_slice(&list).ok());
    let mut entries = entries.unwrap_or_default();
    entries.retain(|entry| entry.broken_rule().is_none());
    entries
}

/// Makes `dir` hold exactly `files`; tells whether that changed anything.
///
/// The new folder is written beside `dir` and takes its place by renaming: nobody ever finds half of it.
pub(crate) fn replace(dir: &Path, files: &BTreeMap<String, Bytes>) -> Result<bool, PackError> {
    if dir.exists() {
        if !dir.join(index::FILE).is_file() && fs::read_dir(dir).is_ok_and(|mut each| each.next().is_some()) {
            return Err(PackError::Foreign { path: dir.into() });
        }
        if holds(dir, files) {
            return Ok(false);
        }
    }
    let fresh = beside(dir, "new");
    let old = beside(dir, "old");
    let written = write(&fresh, files).and_then(|()| swap(dir, &fresh, &old));
    let _ = fs::remove_dir_all(&old);
    let _ = fs::remove_dir_all(&fresh);
    written.map(|()| true).map_err(|source| PackError::Write {
        path: dir.into(),
        source,
    })
}

fn beside(dir: &Path, what: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}

fn write(dir: &Path, files: &BTreeMap<String, Bytes>) -> io::Result<()> {
    for (path, bytes) in files {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn swap(dir: &Path, fresh: &Path, old: &Path) -> io::Result<()> {
    let there = dir.exists();
    if there {
        fs::rename(dir, old)?;
    }
    fs::rename(fresh, dir).inspect_err(|_| {
        if there {
            let _ = fs::rename(old, dir);
        }
    })
}

fn holds(dir: &Path, files: &BTreeMap<String, Bytes>) -> bool {
    let same = |(path, bytes): (&String, &Bytes)| read(&dir.join(path)).is_ok_and(|known| known == *bytes);
    count(dir).is_ok_and(|count| count == files.len()) && files.iter().all(same)
}

fn count(dir: &Path) -> io::Result<usize> {
    let mut files = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() {
            count(&entry.path())?
        } else {
            1
        };
    }
    Ok(files)
}
