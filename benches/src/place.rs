//! Where the benchmark puts what it needs.

use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

/// A folder that is gone at the end, in memory where there is such a place.
pub(crate) fn in_memory() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory)?,
        false => tempfile::tempdir()?,
    };
    Ok(folder)
}
