//! Why a version folder can't be made.

use std::{io, path::PathBuf};

use contract::manifest::Breach;

/// Why there is no version folder.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The manifest's breaches, and files that it names and that are not there; all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Manifest(Vec<Breach>),
    /// A file or folder of the source can't be read.
    #[error("`{}` can't be read", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A name that can't be an address.
    #[error("asset `{}` must be a file right in the assets folder, named with letters, digits, `.`, `-`, `_`", .path.display())]
    Name {
        /// Which.
        path: PathBuf,
    },
    /// The folder to write holds something else.
    #[error("`{}` is not a version folder: it is not replaced", .path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// Writing failed; the folder is what it was before.
    #[error("`{}` can't be written", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
