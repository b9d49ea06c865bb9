//! Where the files of a version are: in a folder, or among stored blobs.

use std::{io, path::Path};

use bytes::Bytes;

use crate::folder;

/// The files of one version, each by its path in the version folder.
pub(crate) trait Files {
    /// How errors call the version.
    fn name(&self) -> String;

    /// Reads a file whole; it is not longer than [`folder::MAX_FILE_BYTES`].
    fn read(&self, path: &str) -> io::Result<Bytes>;
}

impl Files for Path {
    fn name(&self) -> String {
        self.display().to_string()
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        folder::read(&self.join(path))
    }
}
