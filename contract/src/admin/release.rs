//! Releases, canaries, rollbacks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Finding, ReleaseId};
use crate::{AppName, AppVersion, Version};

/// Everybody, in basis points.
pub const SHARE_ALL: u16 = 10_000;

/// `POST /v1/releases`: one app, or several as a train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// The versions to make live, at most one an app.
    pub apps: Vec<AppVersion>,
    /// For whom; without it for everybody at once.
    #[serde(default)]
    pub canary: Option<CanaryTerms>,
    /// When a canary has failed; the usual terms without it.
    #[serde(default)]
    pub analysis: AnalysisTerms,
    /// Where the BFFs run that don't announce themselves, by app.
    #[serde(default)]
    pub origins: BTreeMap<AppName, Vec<String>>,
    /// The revision that the caller has seen: refused when one of the apps has changed since.
    #[serde(default)]
    pub if_revision: Option<u64>,
    /// Why, for the history.
    #[serde(default)]
    pub reason: Option<String>,
}

/// For whom a canary is, and how it grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryTerms {
    /// For whom.
    pub audience: Audience,
    /// The shares in basis points, growing; the last may be everybody. Empty unless the audience is a share.
    #[serde(default)]
    pub steps: Vec<u16>,
    /// Seconds from each step to the next; without it people promote it.
    #[serde(default)]
    pub every_s: Option<u64>,
}

/// The users of a canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// A share of all users, as the steps say.
    Share,
    /// Requests whose cohort header has this value.
    Cohort(String),
    /// Users signed in to this group.
    Group(String),
}

/// When a canary has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisTerms {
    /// Nothing is judged by fewer requests or page views.
    pub min_sample: u32,
    /// Failed requests beyond the stable version's rate, in basis points.
    pub max_failures_bp: u16,
    /// Page views with a browser's report beyond the stable version's rate, in basis points.
    pub max_reports_bp: u16,
}

impl Default for AnalysisTerms {
    fn default() -> Self {
        Self {
            min_sample: 20,
            max_failures_bp: 500,
            max_reports_bp: 500,
        }
    }
}

/// The reply to [`NewRelease`], [`NewRollback`] and [`ReleaseChange`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseReply {
    /// The release; `None` for a dry run.
    pub release: Option<ReleaseId>,
    /// The ledger's revision once it is done.
    pub revision: u64,
    /// What is live for everybody now, of the apps that it touched.
    pub live: Vec<AppVersion>,
    /// What to know.
    pub findings: Vec<Finding>,
}

/// `POST /v1/releases/{id}/{promote|pause|resume|abort}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseChange {
    /// Why, for the history.
    #[serde(default)]
    pub reason: Option<String>,
    /// With `promote`: a later step of the canary to go to, counted from 0, in place of everybody at once.
    #[serde(default)]
    pub step: Option<usize>,
}

/// `POST /v1/rollbacks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRollback {
    /// Which apps, and where to.
    pub apps: Vec<Rollback>,
    /// The revision that the caller has seen.
    #[serde(default)]
    pub if_revision: Option<u64>,
    /// Why, for the history.
    #[serde(default)]
    pub reason: Option<String>,
}

/// One app to roll back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The app.
    pub app: AppName,
    /// The version; without it the canary is withdrawn, or the version before is put back.
    #[serde(default)]
    pub to: Option<Version>,
}

/// Where a canary stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CanaryState {
    /// It is watched, and grows.
    Running,
    /// It is watched, and stays as it is.
    Paused,
}

/// A canary that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// The release.
    pub id: ReleaseId,
    /// Its versions.
    pub apps: Vec<AppVersion>,
    /// What they are compared with.
    pub stable: Vec<AppVersion>,
    /// Its terms.
    pub canary: CanaryTerms,
    /// When it has failed.
    pub analysis: AnalysisTerms,
    /// Where it stands.
    pub state: CanaryState,
    /// Who released it.
    pub by: String,
    /// When.
    pub at_ms: u64,
    /// Why.
    pub reason: Option<String>,
    /// The step it is at, counted from 0.
    pub step: usize,
    /// The share of users it has now, in basis points; `None` for cohorts and groups.
    pub share_bp: Option<u16>,
    /// When the next step begins.
    pub next_step_at_ms: Option<u64>,
    /// Its own numbers.
    pub ours: Arm,
    /// Those of the stable versions in the same time.
    pub theirs: Arm,
    /// The course of it, oldest first, at most 120.
    pub samples: Vec<Sample>,
}

/// What happened to the users of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Requests to its BFFs.
    pub requests: u64,
    /// Of these, failed ones.
    pub errors: u64,
    /// Of these, late ones.
    pub deadline_misses: u64,
    /// Pages with it.
    pub page_views: u64,
    /// Of these, pages of which a browser reported something broken.
    pub reported_views: u64,
}

/// Both sides at a moment, each counted from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The moment.
    pub at_ms: u64,
    /// The share of users then, in basis points.
    pub share_bp: u16,
    /// The canary.
    pub ours: Arm,
    /// The stable versions.
    pub theirs: Arm,
}
