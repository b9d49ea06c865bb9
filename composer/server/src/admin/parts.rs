//! What the calls use of the composer, and how its errors are told.

use std::sync::Arc;

use composer_ledger::{Act, Actor, AppendError, Ledger, Refusal, Revision, Rule, State};
use composer_registry::{ActError, BlobError, Done, LoadError, LoadedApp, OverrideError as FilesError};
use contract::AppVersion;
use http::StatusCode;
use tokio::task::spawn_blocking;
use tracing::error;

use super::{access::Caller, failure::Failure};
use crate::{
    app::Shared,
    instances::TableError,
    overrides::OverrideError,
    reach::{AnnounceError, ShowError},
};

impl Shared {
    /// The ledger.
    pub(super) fn ledger(&self) -> Result<&Ledger, Failure> {
        let ledger = self.registry.ledger();
        ledger.ok_or_else(|| Failure::not_found("this composer serves fixed apps"))
    }

    /// What all acts add up to.
    pub(super) fn state(&self) -> Result<Arc<State>, Failure> {
        Ok(self.ledger()?.state())
    }

    /// The same with what other composers on this ledger have done until now: for acts, which one of them may have made needless,
    /// or needed again.
    pub(super) async fn newest_state(&self) -> Result<Arc<State>, Failure> {
        self.ledger()?.refresh().await;
        self.state()
    }

    /// What they added up to at a moment: all acts until then are gone through, beside the runtime's threads.
    pub(super) async fn state_at(&self, at_ms: u64) -> Result<Arc<State>, Failure> {
        let registry = self.registry.clone();
        let found = spawn_blocking(move || registry.ledger().map(|ledger| ledger.state_at(at_ms)));
        let state = found.await.ok().flatten();
        state
            .map(Arc::new)
            .ok_or_else(|| Failure::unavailable("the composer stops"))
    }

    /// Does an act in the caller's name.
    pub(super) async fn act(
        &self,
        caller: &Caller,
        act: Act,
        if_revision: Option<u64>,
        reason: Option<String>,
    ) -> Result<Done, Failure> {
        let done = self
            .registry
            .act(caller.actor(), act, if_revision.map(Revision), reason)
            .await?;
        // Instances are told of at once, too.
        self.moment();
        Ok(done)
    }

    /// A published version, read from the disk where it isn't kept.
    pub(super) async fn load(&self, version: &AppVersion) -> Result<Arc<LoadedApp>, LoadError> {
        self.registry.snapshot().load(version).await
    }
}

impl Caller {
    /// As the ledger writes it down.
    pub(super) fn actor(&self) -> Actor {
        Actor::new(&format!("{} (token {})", self.name, self.id))
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(refusal) => refusal.into(),
            ActError::Findings(findings) => Self::findings(findings),
            ActError::Ledger(error) => error.into(),
            ActError::Blobs(error) => error.into(),
            ActError::Fixed => Self::not_found(error.to_string()),
            ActError::Busy { .. } | ActError::Ended => Self::unavailable(error.to_string()),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Conflict { revision, .. } => Self::conflict(detail, revision.0),
            Refusal::NotFound(_) => Self::not_found(detail),
            // What is published never changes: whoever was first has it.
            Refusal::Rule(Rule::Immutable { revision, .. }) => Self::conflict(detail, revision.0),
            Refusal::Rule(_) => Self::rule(detail),
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        let detail = error.to_string();
        match error {
            AppendError::Conflict { now, .. } => Self::conflict(detail, now.0),
            AppendError::Refused(refusal) => refusal.into(),
            AppendError::Unavailable { .. } | AppendError::Damaged { .. } => Self::unavailable(detail),
            AppendError::TooLong { .. } | AppendError::Full { .. } => Self::rule(detail),
        }
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        let detail = error.to_string();
        match error {
            BlobError::Hash { .. } | BlobError::Missing { .. } => Self::rule(detail),
            BlobError::TooLong { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            BlobError::Fixed => Self::not_found(detail),
            BlobError::Full { .. } | BlobError::Ended => Self::unavailable(detail),
            BlobError::Damaged { .. } | BlobError::Io { .. } => {
                error!(error = detail, "a file can't be stored");
                Self::unavailable(
                    "files can't be stored at the moment: the disk is full or can't be written, the log says more",
                )
            }
        }
    }
}

impl From<FilesError> for Failure {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Findings(findings) => Self::findings(findings),
            FilesError::Blobs(error) => error.into(),
            FilesError::Missing(_) => Self::rule(error.to_string()),
            FilesError::Fixed => Self::not_found(error.to_string()),
            FilesError::Ended => Self::unavailable(error.to_string()),
        }
    }
}

impl From<OverrideError> for Failure {
    fn from(error: OverrideError) -> Self {
        let detail = error.to_string();
        match error {
            OverrideError::Off => Self::new(StatusCode::FORBIDDEN, detail),
            OverrideError::Id | OverrideError::Version { .. } => Self::broken(detail),
            _ => Self::rule(detail),
        }
    }
}

impl From<ShowError> for Failure {
    fn from(error: ShowError) -> Self {
        match error {
            ShowError::Origin(error) => Self::rule(error.to_string()),
            ShowError::Override(error) => error.into(),
        }
    }
}

impl From<AnnounceError> for Failure {
    fn from(error: AnnounceError) -> Self {
        match error {
            AnnounceError::Table(TableError::Held) => Self::unavailable(error.to_string()),
            error => Self::rule(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(failure: impl Into<Failure>) -> u16 {
        failure.into().status.as_u16()
    }

    #[test]
    fn an_act_that_is_not_done_says_what_to_do_by_its_status() {
        let why = || "the disk is full".to_owned();
        let (seen, now) = (Revision(3), Revision(4));
        assert_eq!(status(AppendError::Unavailable { why: why() }), 503);
        assert_eq!(status(AppendError::Damaged { why: why() }), 503);
        assert_eq!(status(AppendError::Conflict { seen, now }), 409);
        assert_eq!(status(ActError::Busy { waiting: 256 }), 503);
        assert_eq!(status(ActError::Findings(vec![])), 422);
        let version: AppVersion = "checkout@1.4.2".parse().unwrap();
        let revision = Revision(3);
        let immutable = Rule::Immutable {
            version: version.clone(),
            revision,
        };
        assert_eq!(status(Refusal::Rule(immutable)), 409);
        assert_eq!(status(Refusal::Rule(Rule::AlreadyLive(version.clone()))), 422);
        assert_eq!(
            status(Refusal::NotFound(composer_ledger::Missing::Version(version))),
            404
        );
        assert_eq!(status(BlobError::Ended), 503);
        let full = std::io::Error::from_raw_os_error(28);
        let path = "blobs".into();
        assert_eq!(status(BlobError::Io { path, source: full }), 503);
        assert_eq!(status(OverrideError::Off), 403);
    }
}
