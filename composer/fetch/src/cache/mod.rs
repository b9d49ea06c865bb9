//! The fragment cache: answers that may be shown again, each under exactly what its fragment saw.

use contract::{AppName, Version};

/// The answers of all versions that one fleet reaches.
#[derive(Debug)]
pub struct Cache {
    bytes: u64,
}

/// Which answers are to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// Of this app,
    pub app: AppName,
    /// of this version, or of all of them,
    pub version: Option<Version>,
    /// with any of these tags; with none given, all.
    pub tags: Vec<String>,
}

/// What the cache holds, and what it has done until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheNumbers {
    /// Memory that it may use.
    pub limit_bytes: u64,
    /// Memory that it uses.
    pub bytes: u64,
    /// Answers in it.
    pub entries: u64,
}

impl Cache {
    /// An empty cache that takes at most `bytes` of memory; with 0 it keeps nothing.
    pub fn new(bytes: u64) -> Self {
        Self { bytes }
    }

    /// Removes answers; tells how many. What is under way meanwhile isn't kept either.
    pub fn purge(&self, what: &Purge) -> usize {
        let _ = what;
        0
    }

    /// What it holds and has done.
    pub fn numbers(&self) -> CacheNumbers {
        CacheNumbers {
            limit_bytes: self.bytes,
            ..CacheNumbers::default()
        }
    }
}
