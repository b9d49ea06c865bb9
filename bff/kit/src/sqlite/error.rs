//! Why the database gave nothing.

use std::{path::PathBuf, time::Duration};

/// Why the database gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Its file cannot be used.
    #[error("cannot open the database `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A script fails at start.
    #[error("the database's {script} fails")]
    Script {
        /// Which one: `schema` or `seed`.
        script: &'static str,
        /// Where and why.
        source: rusqlite::Error,
    },
    /// All connections are in use.
    #[error("the database stayed busy for {waited:?}")]
    Busy {
        /// How long it was waited for.
        waited: Duration,
    },
    /// A statement fails.
    #[error("a database statement fails")]
    Statement(#[from] rusqlite::Error),
    /// The work panicked; what it wrote is undone.
    #[error("the work on the database panicked")]
    Panicked,
}
