//! Why the registry doesn't start, or doesn't do what it is asked for.

use std::{io, path::PathBuf};

use composer_ledger::Refusal;
use contract::admin::{Finding, Severity, Sha256};

use crate::{blobs::BlobError, packed::PackedError};

/// Why a registry can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder can't be used.
    #[error("`{}` can't be used", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store of files can't be used.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The ledger can't be used.
    #[error(transparent)]
    Ledger(#[from] composer_ledger::OpenError),
    /// The platform's browser files can't be loaded.
    #[error(transparent)]
    Platform(#[from] PackedError),
}

/// Why an act is not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The ledger's rules forbid it, what it names isn't there, or somebody was faster.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What would be live then doesn't fit together, or a version's files are wrong.
    #[error("{}", errors(.0))]
    Findings(Vec<Finding>),
    /// The ledger can't write it down.
    #[error(transparent)]
    Ledger(#[from] composer_ledger::AppendError),
    /// The store of files fails.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// Others are in front, too many of them.
    #[error("{waiting} acts wait to be done already; ask again in a moment")]
    Busy {
        /// How many may wait.
        waiting: usize,
    },
    /// Nothing can be done here.
    #[error("this composer serves fixed apps: change its configuration, and start it anew")]
    Fixed,
    /// The composer stops.
    #[error("the composer stops; ask again once it is back")]
    Ended,
}

/// Why an override isn't loaded.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// Files to put first.
    #[error("{} files are missing; put them, then ask again", .0.len())]
    Missing(Vec<Sha256>),
    /// The files are wrong.
    #[error("{}", errors(.0))]
    Findings(Vec<Finding>),
    /// The store of files fails.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// There are none here.
    #[error("this composer serves fixed apps: it has no overrides")]
    Fixed,
    /// The composer stops.
    #[error("the composer stops; ask again once it is back")]
    Ended,
}

fn errors(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
