//! What is there: status, history, a page's slots, the health of the store.

use serde::{Deserialize, Serialize};

use super::{CacheView, Finding, InstanceView, PolicyView, ReleaseId, ReleaseView, TeamName};
use crate::{AppName, FragmentId, LayoutId, Role, Version};

/// `GET /v1/status`: everything that the token may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The newest revision.
    pub revision: u64,
    /// The composer's clock.
    pub at_ms: u64,
    /// The ledger's health.
    pub store: StoreHealth,
    /// The apps, by name.
    pub apps: Vec<AppView>,
    /// The canaries under way, oldest first.
    pub canaries: Vec<ReleaseView>,
    /// The cache of all apps' fragments.
    #[serde(default)]
    pub cache: CacheView,
}

/// The ledger's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHealth {
    /// How it is.
    pub health: Health,
    /// What is wrong and what to do; empty when nothing is.
    pub text: String,
}

/// How a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Acts are taken.
    Good,
    /// Acts are taken; it was damaged and has been made whole again.
    Recovered,
    /// Acts are refused; pages are served.
    Unavailable,
}

/// An app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// Its name.
    pub app: AppName,
    /// The team that owns it.
    pub team: Option<TeamName>,
    /// Whom its manifest names, of the live version or else the newest.
    pub owner: String,
    /// The newest revision that changed what is live of it.
    pub revision: u64,
    /// The version for everybody.
    pub stable: Option<Version>,
    /// The release that some users see instead.
    pub canary: Option<ReleaseId>,
    /// All versions that are published, newest first.
    pub versions: Vec<VersionView>,
}

/// A published version, or one that has instances only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// The version.
    pub version: Version,
    /// When it was published; `None` while only instances of it are known.
    pub published_at_ms: Option<u64>,
    /// By whom.
    pub published_by: Option<String>,
    /// Where it comes from.
    pub note: Option<String>,
    /// For whom it is live.
    pub live: LiveAs,
    /// Where its BFF runs.
    pub instances: Vec<InstanceView>,
    /// How its BFF is treated where it fails; `None` while it is not reached.
    #[serde(default)]
    pub policy: Option<PolicyView>,
}

/// For whom a version is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveAs {
    /// For everybody who isn't in a canary.
    Stable,
    /// For the users of a canary.
    Canary,
    /// For no new page view.
    No,
}

/// `GET /v1/history`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The entries that the token may see.
    pub entries: Vec<HistoryEntry>,
    /// What to give as `before` for older ones; `None` at the end.
    pub before: Option<u64>,
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Its revision.
    pub revision: u64,
    /// When.
    pub at_ms: u64,
    /// Who.
    pub by: String,
    /// What kind of act: `released`, `rolled-back`.
    pub act: String,
    /// What, in words: `released checkout@1.4.2 to 5 % of users`.
    pub text: String,
    /// Why.
    pub reason: Option<String>,
    /// The apps that it touched.
    pub apps: Vec<AppName>,
    /// The release that it belongs to.
    pub release: Option<ReleaseId>,
}

/// `GET /v1/page`: what a page is made of, now or at a moment in the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// The address.
    pub path: String,
    /// The moment.
    pub at_ms: u64,
    /// The revision of that moment.
    pub revision: u64,
    /// The pattern of the route; `None` when no page had the address.
    pub route: Option<String>,
    /// The layout.
    pub layout: Option<LayoutId>,
    /// The versions that were live, as `checkout@1.4.2 decide@2.0.0`.
    pub composition: String,
    /// What the page may show, by its manifests, outermost first.
    pub slots: Vec<SlotView>,
    /// A composition lock: as header `marquetry-composition` it shows the page with these versions, while they have instances.
    pub lock: Option<String>,
}

/// A fragment that a page may show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// The fragment.
    pub fragment: FragmentId,
    /// The version of its app; `None` when the app is not live.
    pub version: Option<Version>,
    /// Whom its manifest names.
    pub owner: String,
    /// The team that owns its app.
    pub team: Option<TeamName>,
    /// What its failure means.
    pub role: Role,
    /// What includes it; `None` for the page's own fragment.
    pub included_by: Option<String>,
    /// How deep it is, from 0.
    pub depth: usize,
}

/// `POST /v1/gc`: forget versions that nobody has used for long, and their files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GcTerms {
    /// Only tell what would go.
    #[serde(default)]
    pub dry_run: bool,
    /// Days since a version was live, or since it was published; one that has an instance now stays.
    #[serde(default = "usual_days")]
    pub unused_days: u32,
}

fn usual_days() -> u32 {
    30
}

/// The reply to [`GcTerms`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcReply {
    /// Versions that went, as `checkout@1.4.2`.
    pub versions: Vec<String>,
    /// Files that went.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Versions that stay.
    pub kept: u64,
}

/// The reply to `POST /v1/reload`: what the configuration says anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadReply {
    /// Keys and tables that count from now on.
    pub changed: Vec<String>,
    /// Keys and tables that count from the next start on.
    pub needs_restart: Vec<String>,
}

/// `GET /v1/doctor`: what a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doctor {
    /// The ledger.
    pub store: StoreHealth,
    /// The program's version.
    pub composer: String,
    /// Everything found, the worst first; empty when all is well.
    pub findings: Vec<Finding>,
}
