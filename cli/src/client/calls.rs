//! The calls of the admin API, one method each.

use std::io::Read;

use contract::{
    AppName, AppVersion,
    admin::{
        AppView, Doctor, GcReply, GcTerms, HistoryPage, IssuedToken, NewOverride, NewPurge, NewRelease, NewRollback,
        NewTeam, NewToken, NewVersion, OpenedOverride, PageView, PublishReply, PurgeReply, ReleaseChange, ReleaseId,
        ReleaseReply, ReloadReply, Sha256, Status, TeamName, TeamView, TokenId, TokenView, WhoAmI,
    },
};

use super::{Client, ClientError, Reply, address::encoded};

type Called<T> = Result<Reply<T>, ClientError>;

/// Which part of the history.
#[derive(Debug, Clone, Default)]
pub(crate) struct HistoryQuery {
    pub(crate) app: Option<AppName>,
    /// Entries before this revision.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u32,
}

/// Which page, and when.
#[derive(Debug, Clone)]
pub(crate) struct PageQuery {
    pub(crate) path: String,
    pub(crate) at_ms: Option<u64>,
}

impl Client {
    pub(crate) fn whoami(&self) -> Called<WhoAmI> {
        self.get("/v1/whoami")
    }

    pub(crate) fn status(&self) -> Called<Status> {
        self.get("/v1/status")
    }

    pub(crate) fn app(&self, app: &AppName) -> Called<AppView> {
        self.get(&format!("/v1/apps/{app}"))
    }

    pub(crate) fn history(&self, query: &HistoryQuery) -> Called<HistoryPage> {
        let mut path = format!("/v1/history?limit={}", query.limit);
        if let Some(app) = &query.app {
            path += &format!("&app={app}");
        }
        if let Some(before) = query.before {
            path += &format!("&before={before}");
        }
        self.get(&path)
    }

    pub(crate) fn page(&self, query: &PageQuery) -> Called<PageView> {
        let mut path = format!("/v1/page?path={}", encoded(&query.path));
        if let Some(at_ms) = query.at_ms {
            path += &format!("&at_ms={at_ms}");
        }
        self.get(&path)
    }

    /// `bytes` is how much `content` has to give.
    pub(crate) fn put_blob(&self, sha256: &Sha256, content: &mut impl Read, bytes: u64) -> Result<(), ClientError> {
        self.put_bytes(&format!("/v1/blobs/{sha256}"), content, bytes)
    }

    pub(crate) fn publish(&self, version: &AppVersion, new: &NewVersion, dry_run: bool) -> Called<PublishReply> {
        let AppVersion { app, version } = version;
        self.put(&format!("/v1/apps/{app}/versions/{version}{}", query_of(dry_run)), new)
    }

    pub(crate) fn release(&self, new: &NewRelease, dry_run: bool) -> Called<ReleaseReply> {
        self.post(&format!("/v1/releases{}", query_of(dry_run)), new)
    }

    /// `change` is the last part of the call: `promote`, `pause`, `resume`, `abort`.
    pub(crate) fn change_release(&self, id: ReleaseId, change: &str, terms: &ReleaseChange) -> Called<ReleaseReply> {
        self.post(&format!("/v1/releases/{id}/{change}"), terms)
    }

    pub(crate) fn roll_back(&self, new: &NewRollback) -> Called<ReleaseReply> {
        self.post("/v1/rollbacks", new)
    }

    pub(crate) fn teams(&self) -> Called<Vec<TeamView>> {
        self.get("/v1/teams")
    }

    pub(crate) fn set_team(&self, team: &TeamName, new: &NewTeam) -> Called<TeamView> {
        self.put(&format!("/v1/teams/{team}"), new)
    }

    pub(crate) fn tokens(&self) -> Called<Vec<TokenView>> {
        self.get("/v1/tokens")
    }

    pub(crate) fn issue_token(&self, new: &NewToken) -> Called<IssuedToken> {
        self.post("/v1/tokens", new)
    }

    pub(crate) fn revoke_token(&self, id: &TokenId) -> Called<TokenView> {
        self.delete(&format!("/v1/tokens/{id}"))
    }

    pub(crate) fn open_override(&self, new: &NewOverride) -> Called<OpenedOverride> {
        self.post("/v1/overrides", new)
    }

    pub(crate) fn close_override(&self, id: &str) -> Result<(), ClientError> {
        self.delete_silently(&format!("/v1/overrides/{}", encoded(id)))
    }

    pub(crate) fn collect_garbage(&self, terms: &GcTerms) -> Called<GcReply> {
        self.post("/v1/gc", terms)
    }

    pub(crate) fn reload(&self) -> Called<ReloadReply> {
        self.post("/v1/reload", &serde_json::json!({}))
    }

    pub(crate) fn purge(&self, what: &NewPurge) -> Called<PurgeReply> {
        self.post("/v1/purge", what)
    }

    pub(crate) fn doctor(&self) -> Called<Doctor> {
        self.get("/v1/doctor")
    }
}

fn query_of(dry_run: bool) -> &'static str {
    if dry_run { "?dry_run=true" } else { "" }
}
