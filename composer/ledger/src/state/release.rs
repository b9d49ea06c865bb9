//! Releases, and the canaries among them that are under way.

use contract::{
    AppVersion,
    admin::{AnalysisTerms, CanaryTerms, ReleaseId, SHARE_ALL},
};

use super::Touched;
use crate::entry::Actor;

/// A release, over or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Which.
    pub id: ReleaseId,
    /// Its versions, a train.
    pub apps: Vec<AppVersion>,
    /// The terms, if it began as a canary.
    pub canary: Option<CanaryTerms>,
    /// Who released it.
    pub by: Actor,
    /// When.
    pub at_ms: u64,
    /// Why.
    pub reason: Option<String>,
    /// What was stable of its apps before it was; of a canary, before it was promoted. Apps that were new are not in it.
    pub before: Vec<AppVersion>,
    /// What became of it.
    pub course: Course,
}

/// What became of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// It was for everybody at once.
    Whole,
    /// It is a canary under way.
    UnderWay,
    /// It was a canary, and became the version for everybody.
    Promoted(Touched),
    /// It was taken back.
    RolledBack(Touched),
}

/// A canary under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Its release.
    pub release: ReleaseId,
    /// Its versions, a train: a user sees all of them or none.
    pub apps: Vec<AppVersion>,
    /// For whom it is, and how it grows.
    pub terms: CanaryTerms,
    /// When it has failed.
    pub analysis: AnalysisTerms,
    /// Who released it.
    pub by: Actor,
    /// When.
    pub at_ms: u64,
    /// Why.
    pub reason: Option<String>,
    /// The step it is at, counted from 0.
    pub step: usize,
    /// When the step began, or the canary was last resumed.
    pub since_ms: u64,
    /// Who paused it, while it is.
    pub paused: Option<Touched>,
    /// Its latest change.
    pub touched: Touched,
}

impl Canary {
    /// The share of users that see it now, in basis points; `None` for cohorts and groups.
    pub fn share_bp(&self) -> Option<u16> {
        match self.terms.audience {
            contract::admin::Audience::Share => Some(
                self.terms
                    .steps
                    .get(self.step)
                    .copied()
                    .unwrap_or_default()
                    .min(SHARE_ALL),
            ),
            _ => None,
        }
    }

    /// The step after this one, if there is one.
    pub fn next_step(&self) -> Option<usize> {
        let next = self.step + 1;
        (next < self.terms.steps.len()).then_some(next)
    }

    /// When it should go on: to its next step, or, after the last, to be promoted. `None` while it is paused, or has no waiting time.
    pub fn due_at_ms(&self) -> Option<u64> {
        let every_ms = self.terms.every_s?.saturating_mul(1000);
        self.paused.is_none().then(|| self.since_ms.saturating_add(every_ms))
    }
}
