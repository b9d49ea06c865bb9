//! Makes the file anew, whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    connection::{PAGE_BYTES, TABLE, refine},
    unavailable,
};
use crate::{chain::Sealed, disk, store::StoreError};

/// What SQLite puts beside its file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// True when SQLite's side files are there: without the file itself they are what is left of it.
pub(super) fn has_remains(path: &Path) -> bool {
    BESIDE.iter().any(|suffix| with_suffix(path, suffix).exists())
}

/// Writes a new file with `entries` under another name, then gives it its name.
pub(super) fn make(path: &Path, entries: &[Sealed]) -> Result<(), StoreError> {
    let new = write(path, entries)?;
    publish(&new, path).map_err(unavailable)
}

/// The same where a file is already: it is moved to the folder `evidence` with all that belongs to it.
pub(super) fn replace(path: &Path, evidence: &Path, entries: &[Sealed]) -> Result<bool, StoreError> {
    let new = write(path, entries)?;
    let moved = move_away(path, evidence).map_err(unavailable)?;
    publish(&new, path).map_err(unavailable)?;
    Ok(moved)
}

fn write(path: &Path, entries: &[Sealed]) -> Result<PathBuf, StoreError> {
    let new = with_suffix(path, ".new");
    remove_with_sides(&new).map_err(unavailable)?;
    let filled = fill(&new, entries).map_err(refine);
    let written = filled.and_then(|()| {
        let file = File::open(&new).map_err(unavailable)?;
        file.sync_all().map_err(unavailable)
    });
    if written.is_err() {
        // On a full disk half a file is in the way.
        let _ = remove_with_sides(&new);
    }
    written.map(|()| new)
}

fn remove_with_sides(path: &Path) -> io::Result<()> {
    remove(path)?;
    BESIDE.iter().try_for_each(|suffix| remove(&with_suffix(path, suffix)))
}

fn fill(new: &Path, entries: &[Sealed]) -> rusqlite::Result<()> {
    let mut connection = rusqlite::Connection::open(new)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "OFF")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    let transaction = connection.transaction()?;
    transaction.execute(TABLE, ())?;
    {
        let mut insert = transaction.prepare("INSERT INTO entries (revision, line) VALUES (?1, ?2)")?;
        for entry in entries {
            let revision = i64::try_from(entry.revision.0).unwrap_or(i64::MAX);
            insert.execute((revision, entry.to_line()))?;
        }
    }
    transaction.commit()?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)
}

fn publish(new: &Path, path: &Path) -> io::Result<()> {
    fs::rename(new, path)?;
    disk::sync_folder(disk::folder_of(path))
}

fn move_away(path: &Path, evidence: &Path) -> io::Result<bool> {
    let files: Vec<PathBuf> = std::iter::once(path.to_owned())
        .chain(BESIDE.map(|suffix| with_suffix(path, suffix)))
        .filter(|file| file.exists())
        .collect();
    if files.is_empty() {
        return Ok(false);
    }
    fs::create_dir_all(evidence)?;
    for file in files {
        let name = file.file_name().unwrap_or_default();
        fs::rename(&file, evidence.join(name))?;
    }
    disk::sync_folder(evidence)?;
    Ok(true)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
