//! `instances.json`: the instances that a restarted composer begins with, until they announce themselves again or not.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use contract::AppVersion;
use serde::{Deserialize, Serialize};

const FILE: &str = "instances.json";
const LONGEST_BYTES: u64 = 4 << 20;

/// One instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    pub(crate) version: AppVersion,
    pub(crate) origin: String,
}

/// Reads the file; none is no instances.
///
/// # Errors
/// When it can't be read, or is no such list.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<Known>> {
    let path = folder.join(FILE);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Ok(found) if found.len() > LONGEST_BYTES => return Err(io::Error::other("it has more than 4 MiB")),
        found => found?,
    };
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// Writes the file, whole or not at all.
///
/// # Errors
/// When it can't be written.
pub(crate) fn write(folder: &Path, known: &[Known]) -> io::Result<()> {
    let draft = folder.join(format!("{FILE}.{:016x}", fastrand::u64(..)));
    let written = write_draft(&draft, known).and_then(|()| std::fs::rename(&draft, folder.join(FILE)));
    if written.is_err() {
        // What is left of a failed write is of no use; that it can't be removed either is told by the error.
        let _ = std::fs::remove_file(&draft);
    }
    written
}

fn write_draft(draft: &Path, known: &[Known]) -> io::Result<()> {
    let mut file = File::create_new(draft)?;
    file.write_all(&serde_json::to_vec_pretty(known)?)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn instances_are_read_as_they_were_written() {
        let folder = TempDir::new().unwrap();
        assert_eq!(read(folder.path()).unwrap(), []);
        let known = [Known {
            version: "reviews@1.0.0".parse().unwrap(),
            origin: "http://127.0.0.1:4104".into(),
        }];
        write(folder.path(), &known).unwrap();
        assert_eq!(read(folder.path()).unwrap(), known);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no drafts are left"
        );
        std::fs::write(folder.path().join(FILE), "[{").unwrap();
        assert!(read(folder.path()).is_err());
        assert!(write(&folder.path().join("missing"), &known).is_err());
    }
}
