//! Stored files, each under the SHA-256 of its bytes; whole or not there, and never believed unread.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use contract::admin::{Sha256, VersionFile};
use tracing::{error, warn};

use crate::{digest, folder::MAX_FILE_BYTES};

/// All stored files together take at most this much of the disk.
pub const BLOB_BYTES: u64 = 64 << 30;
/// A file that no version names yet stays at least this long.
pub const GRACE: Duration = Duration::from_hours(1);
/// What is being written for longer than this was left by a composer that ended.
const LEFT_OVER: Duration = Duration::from_mins(10);

/// Why a file is not taken, or not given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The bytes are others than the name says.
    #[error("the bytes have SHA-256 `{got}`, not `{wanted}`: put them under that name")]
    Hash {
        /// What the name says.
        wanted: Sha256,
        /// What the bytes have.
        got: String,
    },
    /// It is too long.
    #[error("`{sha256}` has {bytes} bytes, {MAX_FILE_BYTES} are allowed")]
    TooLong {
        /// Which.
        sha256: Sha256,
        /// Its length.
        bytes: u64,
    },
    /// The store is full.
    #[error(
        "stored files take {held_bytes} bytes, {limit_bytes} are allowed: collect garbage (`marquetry gc`), then put `{sha256}` again"
    )]
    Full {
        /// The one that found no room.
        sha256: Sha256,
        /// What is taken.
        held_bytes: u64,
        /// What may be.
        limit_bytes: u64,
    },
    /// It is not stored.
    #[error("`{sha256}` is not stored")]
    Missing {
        /// Which.
        sha256: Sha256,
    },
    /// Its bytes had changed; it was moved aside.
    #[error("`{sha256}` was damaged, its bytes are kept in `{}`", .evidence.display())]
    Damaged {
        /// Which.
        sha256: Sha256,
        /// Where its bytes are.
        evidence: PathBuf,
    },
    /// The disk doesn't take or give it.
    #[error("`{}`", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The composer stores nothing.
    #[error("this composer serves fixed apps: it stores no files")]
    Fixed,
    /// The composer stops.
    #[error("the composer stops; put the file again once it is back")]
    Ended,
}

/// The store: `blobs/<2 hex>/<sha256>` in the data folder.
#[derive(Debug)]
pub(crate) struct Blobs {
    dir: PathBuf,
    damaged: PathBuf,
    limit_bytes: u64,
    held_bytes: OnceLock<AtomicU64>,
    temporary: AtomicU64,
}

/// While it is held, files that no version names yet stay; other composers on the same folder keep to it too.
#[derive(Debug)]
pub(crate) struct Keep(#[expect(dead_code, reason = "the lock ends with the file")] File);

impl Blobs {
    /// Opens the store in `data_dir`, and clears away what was left half written.
    pub(crate) fn open(data_dir: &Path, limit_bytes: u64) -> Result<Self, BlobError> {
        let blobs = Self {
            dir: data_dir.join("blobs"),
            damaged: data_dir.join("damaged/blobs"),
            limit_bytes,
            held_bytes: OnceLock::new(),
            temporary: AtomicU64::new(0),
        };
        let fresh = blobs.fresh_dir();
        if !fresh.is_dir() {
            let made = fs::create_dir_all(&fresh)
                .and_then(|()| sync(&blobs.dir))
                .and_then(|()| sync(data_dir));
            made.map_err(at(&fresh))?;
        }
        blobs.clear_left_overs();
        Ok(blobs)
    }

    fn fresh_dir(&self) -> PathBuf {
        self.dir.join("new")
    }

    /// Removes files that were being written when a composer ended.
    pub(crate) fn clear_left_overs(&self) {
        for (path, _) in files(&self.fresh_dir()) {
            if is_older(&path, LEFT_OVER) {
                let _ = fs::remove_file(path);
            }
        }
    }

    pub(crate) fn path(&self, sha256: &Sha256) -> PathBuf {
        self.dir.join(&sha256.as_str()[..2]).join(sha256.as_str())
    }

    /// Keeps files that no version names from being collected.
    pub(crate) fn keep(&self) -> Result<Keep, BlobError> {
        let file = self.lock_file()?;
        file.lock_shared().map_err(at(&self.dir))?;
        Ok(Keep(file))
    }

    /// Waits until nobody puts or publishes, and keeps it so.
    pub(crate) fn collect(&self) -> Result<Keep, BlobError> {
        let file = self.lock_file()?;
        file.lock().map_err(at(&self.dir))?;
        Ok(Keep(file))
    }

    fn lock_file(&self) -> Result<File, BlobError> {
        let path = self.dir.join("lock");
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))
    }

    /// Tells whether a file of this length is stored; only [`Blobs::read`] tells whether its bytes are right.
    pub(crate) fn has(&self, sha256: &Sha256, bytes: u64) -> bool {
        fs::metadata(self.path(sha256)).is_ok_and(|meta| meta.len() == bytes)
    }

    /// Those of `files` that are not stored, each once. The others are fresh again from now on.
    pub(crate) fn missing(&self, files: &[VersionFile]) -> Vec<Sha256> {
        let mut missing: Vec<Sha256> = Vec::new();
        for file in files {
            if !self.has(&file.sha256, file.bytes) {
                missing.push(file.sha256.clone());
            } else if let Err(error) = touch(&self.path(&file.sha256)) {
                warn!(sha256 = %file.sha256, %error, "a stored file can't be made fresh");
            }
        }
        missing.sort();
        missing.dedup();
        missing
    }

    /// Stores `bytes`; they are on the disk when it returns.
    pub(crate) fn put(&self, sha256: &Sha256, bytes: &[u8]) -> Result<(), BlobError> {
        let length = bytes.len() as u64;
        if length > MAX_FILE_BYTES {
            return Err(BlobError::TooLong {
                sha256: sha256.clone(),
                bytes: length,
            });
        }
        let got = digest::sha256(bytes);
        if got != sha256.as_str() {
            return Err(BlobError::Hash {
                wanted: sha256.clone(),
                got,
            });
        }
        let _keep = self.keep()?;
        let path = self.path(sha256);
        match fs::read(&path) {
            // The one who put it may not have come to sync its name.
            Ok(known) if known == bytes => {
                let folder = path.parent().unwrap_or(&self.dir);
                return touch(&path).and_then(|()| sync(folder)).map_err(at(&path));
            }
            Ok(_) => {
                self.set_aside(sha256);
            }
            Err(_) => {}
        }
        self.reserve(sha256, length)?;
        self.write(&path, bytes).inspect_err(|_| self.release(length))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let fresh = self.fresh_dir().join(format!("{}-{number}", std::process::id()));
        let folder = path.parent().unwrap_or(&self.dir);
        let written = write_synced(&fresh, bytes).map_err(at(&fresh)).and_then(|()| {
            if !folder.exists() {
                fs::create_dir_all(folder)
                    .and_then(|()| sync(&self.dir))
                    .map_err(at(folder))?;
            }
            fs::rename(&fresh, path).map_err(at(path))?;
            sync(folder).map_err(at(folder))
        });
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written
    }

    /// Reads a file; one whose bytes have changed is moved aside and counts as missing from then on.
    pub(crate) fn read(&self, sha256: &Sha256) -> Result<Bytes, BlobError> {
        let path = self.path(sha256);
        let length = match fs::metadata(&path) {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BlobError::Missing { sha256: sha256.clone() });
            }
            Err(source) => return Err(BlobError::Io { path, source }),
        };
        if length <= MAX_FILE_BYTES {
            let bytes = fs::read(&path).map_err(at(&path))?;
            if digest::sha256(&bytes) == sha256.as_str() {
                return Ok(bytes.into());
            }
        }
        Err(BlobError::Damaged {
            sha256: sha256.clone(),
            evidence: self.set_aside(sha256),
        })
    }

    fn set_aside(&self, sha256: &Sha256) -> PathBuf {
        let path = self.path(sha256);
        let evidence = self.damaged.join(sha256.as_str());
        let length = fs::metadata(&path).map_or(0, |meta| meta.len());
        let moved = fs::create_dir_all(&self.damaged).and_then(|()| fs::rename(&path, &evidence));
        match moved {
            Ok(()) => {
                self.release(length);
                error!(%sha256, evidence = %evidence.display(), "a stored file was damaged and is moved aside; publishing its version again heals it");
                evidence
            }
            Err(error) => {
                error!(%sha256, %error, "a stored file is damaged and can't be moved aside");
                path
            }
        }
    }

    /// Every stored file with its length.
    pub(crate) fn all(&self) -> Vec<(Sha256, u64)> {
        let mut all = Vec::new();
        for (path, is_dir) in files(&self.dir) {
            if !is_dir {
                continue;
            }
            for (path, _) in files(&path) {
                let name = path.file_name().and_then(|name| name.to_str());
                if let Some(sha256) = name.and_then(|name| name.parse::<Sha256>().ok()) {
                    all.push((sha256, fs::metadata(&path).map_or(0, |meta| meta.len())));
                }
            }
        }
        all
    }

    /// True when a file was put, or asked for by somebody who publishes, a while ago.
    pub(crate) fn is_stale(&self, sha256: &Sha256) -> bool {
        is_older(&self.path(sha256), GRACE)
    }

    /// Removes a file; only while [`Blobs::collect`] is held.
    pub(crate) fn remove(&self, sha256: &Sha256) -> Result<(), BlobError> {
        let path = self.path(sha256);
        let length = fs::metadata(&path).map_or(0, |meta| meta.len());
        fs::remove_file(&path).map_err(at(&path))?;
        self.release(length);
        Ok(())
    }

    fn held(&self) -> &AtomicU64 {
        self.held_bytes
            .get_or_init(|| AtomicU64::new(self.all().iter().map(|(_, bytes)| bytes).sum()))
    }

    fn reserve(&self, sha256: &Sha256, bytes: u64) -> Result<(), BlobError> {
        let held = self.held();
        let before = held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.limit_bytes {
            return Ok(());
        }
        held.fetch_sub(bytes, Ordering::Relaxed);
        Err(BlobError::Full {
            sha256: sha256.clone(),
            held_bytes: before,
            limit_bytes: self.limit_bytes,
        })
    }

    fn release(&self, bytes: u64) {
        if let Some(held) = self.held_bytes.get() {
            let _ = held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                Some(held.saturating_sub(bytes))
            });
        }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BlobError {
    let path = path.to_path_buf();
    move |source| BlobError::Io { path, source }
}

fn files(dir: &Path) -> Vec<(PathBuf, bool)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir())))
        .collect()
}

fn is_older(path: &Path, age: Duration) -> bool {
    let changed = fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let since = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
    since.is_some_and(|since| since > age)
}

fn touch(path: &Path) -> io::Result<()> {
    File::options().append(true).open(path)?.set_modified(SystemTime::now())
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
