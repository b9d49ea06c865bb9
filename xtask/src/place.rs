//! Where things are: the workspace, the build output, the cache of tools. The one reader of the environment.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[expect(clippy::disallowed_methods, reason = "this module is xtask's configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = variable("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    here.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// True on a CI machine: no progress bars, build output kept outside the clone.
pub(crate) fn is_ci() -> bool {
    variable("CI").is_some_and(|value| value != "false" && value != "0")
}

/// Cargo's build output.
pub(crate) fn target() -> PathBuf {
    match variable("CARGO_TARGET_DIR") {
        Some(set) => root().join(set),
        None if is_ci() => cache().join("target"),
        None => root().join("target"),
    }
}

/// What outlives a clone: tools, and on CI the build output.
pub(crate) fn cache() -> PathBuf {
    let base = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(variable("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache");
    base.unwrap_or_else(home).join("marquetry")
}

/// Packed versions and the shell, ready to serve.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What lies between compiling and packing.
pub(crate) fn dist_build() -> PathBuf {
    dist().join("build")
}

/// `PATH` with `first` in front.
pub(crate) fn path_with(first: &[PathBuf]) -> String {
    let rest = variable("PATH").unwrap_or_default();
    let mut all: Vec<String> = first.iter().map(|each| each.display().to_string()).collect();
    all.push(rest);
    all.join(":")
}

/// The file that `name` means on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    variable("PATH")?
        .split(':')
        .map(|folder| Path::new(folder).join(name))
        .find(|file| file.is_file())
}

/// What is in a folder.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).into_iter().flatten().flatten();
    read.map(|entry| entry.path()).collect()
}
