//! What the calls use of the composer, and how its errors are told.

use std::sync::Arc;

use composer_ledger::{Act, Actor, AppendError, Ledger, Refusal, Revision, Rule, State};
use composer_registry::{ActError, BlobError, Done, LoadError, LoadedApp, OverrideError as FilesError};
use contract::AppVersion;
use http::StatusCode;
use tracing::error;

use super::{access::Caller, failure::Failure};
use crate::{
    app::Shared,
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
        Self::rule(error.to_string())
    }
}
