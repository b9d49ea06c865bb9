//! All apps, and the canaries under way.

use serde::{Deserialize, Serialize};

use super::{AsOf, Notice};

/// All apps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// When it is of.
    pub as_of: AsOf,
    /// The apps, by name.
    pub apps: Vec<AppRow>,
    /// The canaries under way.
    pub canaries: Vec<CanaryCard>,
}

/// An app among all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRow {
    /// Its name.
    pub app: String,
    /// Whose it is.
    pub owner: String,
    /// The version for everybody.
    pub stable: Option<String>,
    /// The version of its canary, with its audience: `1.5.0`, `25 %`.
    pub canary: Option<(String, String)>,
    /// Instances of what is live.
    pub instances: Count,
    /// True when the token may look into it.
    pub open: bool,
}

/// Instances that answer, of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// That answer.
    pub healthy: u32,
    /// All of them.
    pub total: u32,
}

/// A canary among all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryCard {
    /// Its versions: app, version.
    pub apps: Vec<(String, String)>,
    /// For whom it is: `25 % of users`.
    pub audience: String,
    /// The share in basis points; `None` for cohorts and groups.
    pub share_bp: Option<u32>,
    /// True when it stays as it is.
    pub paused: bool,
    /// What comes next, and when.
    pub next: String,
    /// How it does.
    pub verdict: Notice,
}
