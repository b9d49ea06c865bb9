//! Kept answers of fragments, and their removal.

use serde::{Deserialize, Serialize};

use crate::{AppName, Version};

/// `POST /v1/purge`: removes kept answers of an app's fragments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPurge {
    /// Of this app.
    pub app: AppName,
    /// Of this version alone; without it of all.
    #[serde(default)]
    pub version: Option<Version>,
    /// Only those with any of these tags; without any all of them.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// The reply to [`NewPurge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeReply {
    /// How many answers went.
    pub purged: u64,
}

/// The fragment cache of a composer: what it holds, and what it has done since the composer began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheView {
    /// Memory that it may use.
    pub limit_bytes: u64,
    /// Memory that it uses.
    pub bytes: u64,
    /// Answers in it.
    pub entries: u64,
    /// Fragments shown from it, fresh.
    pub hits: u64,
    /// Fragments shown from it although their time was over.
    pub stale: u64,
    /// Fragments that it would have shown, and that were asked for.
    pub misses: u64,
    /// Fragments that came with what another page had asked for.
    pub coalesced: u64,
    /// Answers that left for others.
    pub evictions: u64,
    /// Answers that were purged, or changed by an unsafe method.
    pub purged: u64,
}
