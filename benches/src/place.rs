//! Where the benchmark puts what it needs.

use std::path::{Path, PathBuf};

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

#[expect(clippy::disallowed_methods, reason = "this module is the benchmark's configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where `cargo xtask bench` installs the peers that run on Node.
pub(crate) fn peers() -> PathBuf {
    let home = || PathBuf::from(variable("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache");
    let cache = variable("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    cache.join("marquetry/tools/bench-peers")
}

/// The number in this variable, by which the benchmark tells its own parts something.
pub(crate) fn number(name: &str) -> Option<u16> {
    variable(name)?.parse().ok()
}
