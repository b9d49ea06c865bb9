//! One app.

use serde::{Deserialize, Serialize};

use super::{AsOf, CanaryCard, Count, Entry, Moment, Tone};

/// One app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// When it is of.
    pub as_of: AsOf,
    /// Its name.
    pub app: String,
    /// Whom its manifest names.
    pub owner: String,
    /// The team that owns it; empty when nobody does.
    pub team: String,
    /// The version for everybody.
    pub stable: Option<String>,
    /// Why nothing can be done to it with this token; empty when it can.
    pub forbidden: String,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// Its canary.
    pub canary: Option<Canary>,
    /// What was done to it, newest first.
    pub history: Vec<Entry>,
}

/// A version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The version.
    pub version: String,
    /// For whom it is live: `everybody`, `canary · 25 %`; empty for nobody.
    pub live: String,
    /// True when it is live for everybody.
    pub stable: bool,
    /// True when it can be rolled back to.
    pub former: bool,
    /// When it was published; `None` while only its instances are known.
    pub published: Option<Moment>,
    /// By whom.
    pub by: String,
    /// Where it comes from.
    pub note: String,
    /// How many of its instances answer.
    pub count: Count,
    /// How it is treated because it fails; empty when all is well.
    pub trouble: String,
    /// Its instances.
    pub instances: Vec<Instance>,
}

/// An instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Where it is.
    pub origin: String,
    /// How it is.
    pub tone: Tone,
    /// The same in a word.
    pub state: String,
    /// Who said so, what is under way, what went wrong.
    pub text: String,
}

/// A canary with its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The release: `r57`.
    pub id: String,
    /// What every list of it shows.
    pub card: CanaryCard,
    /// The version of this app in it.
    pub version: String,
    /// What it is compared with.
    pub against: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub since: Moment,
    /// Why.
    pub reason: String,
    /// The shares in basis points; empty for cohorts and groups.
    pub steps: Vec<u32>,
    /// The step it is at.
    pub step: usize,
    /// Failed requests beyond the stable version's rate that end it, in basis points.
    pub max_failures_bp: u32,
    /// Reported page views beyond the stable version's rate that end it, in basis points.
    pub max_reports_bp: u32,
    /// Its own numbers.
    pub ours: Arm,
    /// Those of the stable versions.
    pub theirs: Arm,
    /// Its course, oldest first.
    pub samples: Vec<Sample>,
}

/// What happened to the users of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Requests to its BFFs.
    pub requests: u64,
    /// Failed ones.
    pub errors: u64,
    /// Late ones.
    pub late: u64,
    /// Pages with it.
    pub views: u64,
    /// Pages of which a browser reported something broken.
    pub reports: u64,
}

/// Both sides at a moment, counted from the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds since the canary began.
    pub at_s: u64,
    /// The share then, in basis points.
    pub share_bp: u32,
    /// The canary.
    pub ours: Arm,
    /// The stable versions.
    pub theirs: Arm,
}
