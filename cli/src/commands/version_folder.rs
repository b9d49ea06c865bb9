//! A version folder on its way to a composer: packed, its files listed by hash.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use composer_registry::{load_app, pack_app};
use contract::{
    AppVersion, Prefix,
    admin::{Sha256, VersionFile},
};
use sha2::{Digest, Sha256 as Hasher};
use tempfile::TempDir;

use crate::failure::Failure;

/// The list of them has to fit the admin API's limit of JSON.
const MAX_FILES: usize = 4_000;
const MAX_DEPTH: usize = 8;

/// A packed version.
#[derive(Debug)]
pub(crate) struct VersionFolder {
    /// The app at its version.
    pub(crate) version: AppVersion,
    /// All of its files.
    pub(crate) files: Vec<VersionFile>,
    paths: HashMap<Sha256, PathBuf>,
    /// Removed together with this.
    _packed: Option<TempDir>,
}

impl VersionFolder {
    /// Packs `source` into a folder that lives as long as this value.
    pub(crate) fn pack(source: &Path, assets: Option<&Path>) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix("marquetry-").map_err(|error| unusable(&std::env::temp_dir(), error))?;
        let out = folder.path().join("version");
        let packed = pack_app(source, assets, &out)?;
        let version = packed.app.expect("an app was packed");
        Self::list(version, &out, Some(folder))
    }

    /// Takes a folder that `marquetry pack` made, if it holds what was packed.
    pub(crate) fn packed(dir: &Path) -> Result<Self, Failure> {
        let loaded = load_app(dir, &Prefix::default())?;
        Self::list(loaded.app.manifest.app_version(), dir, None)
    }

    /// How long its files are together.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Where the file with this hash lies, and its length.
    pub(crate) fn file(&self, sha256: &Sha256) -> Option<(&Path, u64)> {
        let path = self.paths.get(sha256)?;
        let listed = self.files.iter().find(|file| file.sha256 == *sha256)?;
        Some((path, listed.bytes))
    }

    fn list(version: AppVersion, dir: &Path, packed: Option<TempDir>) -> Result<Self, Failure> {
        let mut paths = Vec::new();
        walk(dir, 0, &mut paths)?;
        paths.sort();
        let mut folder = Self {
            version,
            files: vec![],
            paths: HashMap::new(),
            _packed: packed,
        };
        for path in paths {
            let listed = describe(dir, &path)?;
            folder.paths.insert(listed.sha256.clone(), path);
            folder.files.push(listed);
        }
        Ok(folder)
    }
}

fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(dir).map_err(|error| unusable(dir, error))? {
        let entry = entry.map_err(|error| unusable(dir, error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| unusable(&path, error))?;
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(&path, depth + 1, found)?;
        } else if kind.is_file() && found.len() < MAX_FILES {
            found.push(path);
        } else {
            return Err(Failure::Refused(format!(
                "`{}` can't be published: a version folder holds at most {MAX_FILES} plain files, at most {MAX_DEPTH} folders deep",
                path.display()
            )));
        }
    }
    Ok(())
}

fn describe(dir: &Path, path: &Path) -> Result<VersionFile, Failure> {
    let relative = path.strip_prefix(dir).ok().and_then(Path::to_str);
    let name = relative.ok_or_else(|| unusable(path, io::Error::other("its name is not UTF-8")))?;
    let (sha256, bytes) = hash(path).map_err(|error| unusable(path, error))?;
    Ok(VersionFile {
        path: name.replace(std::path::MAIN_SEPARATOR, "/"),
        sha256,
        bytes,
    })
}

fn hash(path: &Path) -> io::Result<(Sha256, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        bytes += count as u64;
    }
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((hex.parse().expect("a SHA-256 has 64 hexadecimal digits"), bytes))
}

fn unusable(path: &Path, source: io::Error) -> Failure {
    Failure::Io {
        what: format!("`{}` can't be used", path.display()),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_by_path_with_their_hashes() {
        let folder = TempDir::new().unwrap();
        fs::create_dir_all(folder.path().join("assets/ab")).unwrap();
        fs::write(folder.path().join("assets/ab/x.js"), "abc").unwrap();
        fs::write(folder.path().join("marquetry.toml"), "").unwrap();
        let version = "shop@1.0.0".parse().unwrap();
        let listed = VersionFolder::list(version, folder.path(), None).unwrap();
        let paths: Vec<&str> = listed.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["assets/ab/x.js", "marquetry.toml"]);
        let abc = &listed.files[0].sha256;
        assert_eq!(
            abc.as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(listed.file(abc).unwrap().1, 3);
        assert_eq!(listed.bytes(), 3);
    }

    #[test]
    fn links_are_not_followed() {
        let folder = TempDir::new().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("secret")).unwrap();
        let refused = VersionFolder::list("shop@1.0.0".parse().unwrap(), folder.path(), None).unwrap_err();
        assert!(refused.to_string().contains("plain files"), "{refused}");
    }
}
