//! Versions and overrides, and what is found wrong with them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Sha256;
use crate::AppVersion;

/// One file of a version folder, by its path in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionFile {
    /// Relative, with `/`: `marquetry.toml`, `assets/<digest>/reviews.js.br`.
    pub path: String,
    /// Of its bytes.
    pub sha256: Sha256,
    /// Its length.
    pub bytes: u64,
}

/// `PUT /v1/apps/{app}/versions/{version}`: all files of the version folder that `marquetry pack` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Every file, each once.
    pub files: Vec<VersionFile>,
    /// Where it comes from, for people: a commit, a build.
    #[serde(default)]
    pub note: Option<String>,
}

/// The reply to [`NewVersion`] and [`NewOverride`] while files are missing, and once the version is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishReply {
    /// The version.
    pub version: AppVersion,
    /// Files to put to `/v1/blobs/{sha256}` before asking again; empty once it is published.
    pub missing: Vec<Sha256>,
    /// True when the version is published: by this request, or before with the same bytes.
    pub published: bool,
    /// False when it was published before.
    pub changed: bool,
    /// What to know before it is released.
    pub findings: Vec<Finding>,
    /// The newest revision.
    pub revision: u64,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is refused.
    Error,
    /// It is taken, and someone should look.
    Warning,
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The rule, as a word: `route-conflict`, `include-vanishes`, `no-instance`.
    pub rule: String,
    /// Where: an app, a file with line and key, a fragment.
    pub at: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}: {}", self.rule, self.at, self.text)
    }
}

/// `POST /v1/overrides`: one developer's version of an app, shown to that developer alone. The same `id` again is the next build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOverride {
    /// The app at the version of its manifest.
    pub version: AppVersion,
    /// All files of the version folder.
    pub files: Vec<VersionFile>,
    /// Where the developer's BFF listens, for the composer.
    pub origin: String,
    /// The override to change or to keep; without it a new one is opened.
    #[serde(default)]
    pub id: Option<String>,
}

/// The reply to [`NewOverride`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedOverride {
    /// Its id.
    pub id: String,
    /// What its version is called: `reviews@1.0.0-dev.ab12.3`.
    pub version: AppVersion,
    /// Files to put before asking again; nothing is opened while there are any.
    pub missing: Vec<Sha256>,
    /// The path to open in the browser that is to see it, on the public listener.
    pub open: String,
    /// It ends unless it is renewed within this time.
    pub renew_ms: u64,
    /// It ends at the latest then.
    pub expires_at_ms: u64,
    /// What to know.
    pub findings: Vec<Finding>,
}
