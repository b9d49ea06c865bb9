//! What programs say to the admin API and hear from it, as JSON. `docs/admin-api.md` says which call takes and gives what.
//!
//! Times are milliseconds since 1970-01-01 UTC (`_ms`), shares are basis points: 10,000 are everybody.

mod access;
mod cache;
mod publish;
mod release;
mod instance;
mod policy;
mod view;
mod names;

pub use access::{Action, IssuedToken, NewTeam, NewToken, TeamView, TokenView, WhoAmI};
pub use cache::{CacheView, NewPurge, PurgeReply};
pub use instance::{Announcement, InstanceState, InstanceView, Lease, NewOrigins, OriginSource};
pub use names::{ReleaseId, Sha256, TeamName, TokenId};
pub use policy::{BreakerState, BreakerView, PolicyView};
pub use publish::{Finding, NewOverride, NewVersion, OpenedOverride, PublishReply, Severity, VersionFile};
pub use release::{
    AnalysisTerms, Arm, Audience, CanaryState, CanaryTerms, NewRelease, NewRollback, ReleaseChange, ReleaseReply,
    ReleaseView, Rollback, SHARE_ALL, Sample,
};
pub use view::{
    AppView, Doctor, GcReply, GcTerms, Health, HistoryEntry, HistoryPage, LiveAs, PageView, ReloadReply, SlotView,
    Status, StoreHealth, VersionView,
};

/// A failure, as RFC 9457 has it (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProblemReply {
    /// What kind it is; `about:blank` where the status says it all.
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What is wrong, where, and what to do.
    pub detail: String,
    /// What to quote.
    #[serde(default)]
    pub request_id: Option<String>,
    /// All that is wrong, where it is more than one thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// With a 409: the revision to look at before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

fn blank() -> String {
    "about:blank".into()
}
