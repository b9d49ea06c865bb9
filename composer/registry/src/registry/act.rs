//! The one way through which every act goes: checked, built, written down, and then served.

use std::sync::{Arc, Weak};

use composer_ledger::{Act, Actor, AppendError, Checked, Entry, Revision, State};
use contract::{
    AppVersion, Composition,
    admin::{AnalysisTerms, Finding, Severity},
};
use tokio::{
    sync::{MutexGuard, SemaphorePermit, watch},
    task::spawn_blocking,
    time::{Duration, timeout},
};
use tracing::{error, info};

use super::{Inner, Registry, Stored, build};
use crate::{check::Check, refused::ActError, snapshot::Snapshot};

/// Acts that wait for their turn.
pub(super) const WAITING: usize = 256;
/// Another composer may be faster so often in a row.
const ATTEMPTS: usize = 16;
/// What can't be served is tried again so often.
const RETRY: Duration = Duration::from_secs(10);

/// An act that was done, or had been.
#[derive(Debug, Clone)]
pub struct Done {
    /// Its entry; an earlier one where nothing was left to do.
    pub entry: Arc<Entry>,
    /// False where nothing was left to do.
    pub changed: bool,
    /// What to know.
    pub findings: Vec<Finding>,
}

/// An act, and whose.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) by: Actor,
    pub(super) act: Act,
    pub(super) if_revision: Option<Revision>,
    pub(super) reason: Option<String>,
}

impl Registry {
    /// Does `act`: checks it, builds every composition that would be live, writes it down, and serves it; then this returns.
    ///
    /// Versions are published by [`Registry::publish`], which checks their files first.
    ///
    /// # Errors
    /// When a rule forbids it, what would be live doesn't fit together, or it can't be written down: then nothing has changed.
    pub async fn act(
        &self,
        by: Actor,
        act: Act,
        if_revision: Option<Revision>,
        reason: Option<String>,
    ) -> Result<Done, ActError> {
        let inner = Arc::clone(&self.0);
        let wanted = Wanted {
            by,
            act,
            if_revision,
            reason,
        };
        // A task of its own: who asked may go away, and what is written down has to be served.
        let task = tokio::spawn(async move { inner.act(wanted).await });
        task.await.unwrap_or(Err(ActError::Ended))
    }

    /// What a release of `apps` for everybody would find.
    pub async fn check_release(&self, apps: &[AppVersion]) -> Vec<Finding> {
        let (inner, apps) = (Arc::clone(&self.0), apps.to_vec());
        let task = spawn_blocking(move || {
            let state = inner.stored.as_ref().map(|stored| stored.ledger.state());
            let state = state.unwrap_or_else(|| Arc::clone(&inner.current.load().state));
            let act = Act::Released {
                apps,
                canary: None,
                analysis: AnalysisTerms::default(),
            };
            match state.check(&act, None) {
                Ok(Checked::Unchanged(_)) => vec![],
                Ok(Checked::New) => inner.findings(&state, &after(&state, &act), &act),
                Err(refusal) => vec![Finding {
                    severity: Severity::Error,
                    rule: "refused".into(),
                    at: act.to_string(),
                    text: refusal.to_string(),
                }],
            }
        });
        task.await.unwrap_or_default()
    }
}

/// What a state would be after `act`.
pub(super) fn after(state: &State, act: &Act) -> State {
    let mut next = state.clone();
    next.apply(&Entry {
        revision: state.revision().next(),
        at_ms: state.at_ms(),
        by: Actor::system("check"),
        act: act.clone(),
        reason: None,
    });
    next
}

impl Inner {
    /// Waits until nobody else acts.
    async fn turn<'s>(&self, stored: &'s Stored) -> Result<(SemaphorePermit<'s>, MutexGuard<'s, ()>), ActError> {
        let place = stored.waiting.try_acquire();
        let place = place.map_err(|_| ActError::Busy { waiting: WAITING })?;
        Ok((place, stored.turn.lock().await))
    }

    pub(super) async fn act(self: &Arc<Self>, wanted: Wanted) -> Result<Done, ActError> {
        let stored = self.stored()?;
        let _turn = self.turn(stored).await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            // Other composers on the same store may have acted a moment ago.
            stored.ledger.refresh().await;
            let state = stored.ledger.state();
            if let Checked::Unchanged(revision) = state.check(&wanted.act, wanted.if_revision)? {
                if self.current.load().revision() != state.revision() {
                    self.rebuild().await;
                }
                return stored.known(revision);
            }
            let prepared = self.prepare(&state, &wanted.act).await?;
            let Wanted { by, act, reason, .. } = wanted.clone();
            match stored.ledger.append(state.revision(), by, act, reason).await {
                Ok(entry) => return Ok(self.done(&state, entry, prepared).await),
                Err(AppendError::Conflict { .. }) if attempt < ATTEMPTS => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Builds what will be served, before the act is done; `None` where the act changes nothing of it.
    async fn prepare(self: &Arc<Self>, state: &Arc<State>, act: &Act) -> Result<Option<Prepared>, ActError> {
        if !changes_what_is_live(act) {
            return Ok(None);
        }
        let (inner, state, act) = (Arc::clone(self), Arc::clone(state), act.clone());
        let task = spawn_blocking(move || {
            let next = Arc::new(after(&state, &act));
            let findings = inner.findings(&state, &next, &act);
            if findings.iter().any(|finding| finding.severity == Severity::Error) {
                return Err(ActError::Findings(findings));
            }
            let snapshot = build::snapshot(inner.stored()?, next, &inner.current.load());
            let snapshot = snapshot.map_err(ActError::Findings)?;
            Ok(Some(Prepared { snapshot, findings }))
        });
        task.await.unwrap_or(Err(ActError::Ended))
    }

    /// What is wrong with the compositions that are live in `next` and are not served now.
    fn findings(&self, state: &State, next: &State, act: &Act) -> Vec<Finding> {
        let current = self.current.load();
        let combinations = next.combinations().into_iter();
        let wanted: Vec<Composition> = combinations.filter(|each| !current.live.contains_key(each)).collect();
        let check = Check {
            compositions: &current.compositions,
            state: next,
            before: &state.stable(),
            changed: &versions_of(act, next),
            is_rollback: matches!(act, Act::RolledBack { .. }),
            unpublished: None,
        };
        check.run(&wanted)
    }

    async fn done(self: &Arc<Self>, state: &State, entry: Arc<Entry>, prepared: Option<Prepared>) -> Done {
        info!(revision = %entry.revision, by = %entry.by, act = %entry.act, "done");
        let findings = match prepared {
            Some(Prepared { mut snapshot, findings }) => {
                let mut now = state.clone();
                now.apply(&entry);
                snapshot.state = Arc::new(now);
                self.serve(snapshot);
                if let Ok(stored) = self.stored() {
                    stored.set_trouble(vec![]);
                }
                findings
            }
            None => {
                self.rebuild().await;
                vec![]
            }
        };
        Done {
            entry,
            changed: true,
            findings,
        }
    }

    /// Serves what the ledger says, if that isn't what is served; where it can't, all stays as it is.
    pub(super) async fn refresh(self: &Arc<Self>) {
        let Ok(stored) = self.stored() else { return };
        let _turn = stored.turn.lock().await;
        if stored.ledger.state().revision() != self.current.load().revision() || !stored.trouble().is_empty() {
            self.rebuild().await;
        }
    }

    /// Only by the one whose turn it is.
    async fn rebuild(self: &Arc<Self>) {
        let inner = Arc::clone(self);
        let task = spawn_blocking(move || {
            let Ok(stored) = inner.stored() else { return };
            match build::snapshot(stored, stored.ledger.state(), &inner.current.load()) {
                Ok(snapshot) => {
                    inner.serve(snapshot);
                    stored.set_trouble(vec![]);
                }
                Err(findings) => {
                    let known = stored.trouble();
                    for finding in findings.iter().filter(|finding| !known.contains(finding)) {
                        error!(%finding, "what the ledger says can't be served, what was served before stays");
                    }
                    stored.set_trouble(findings);
                }
            }
        });
        if let Err(error) = task.await {
            error!(%error, "the new state could not be built");
        }
    }
}

struct Prepared {
    snapshot: Snapshot,
    findings: Vec<Finding>,
}

impl Stored {
    fn known(&self, revision: Revision) -> Result<Done, ActError> {
        let entry = self.ledger.entry(revision).ok_or(ActError::Ended)?;
        Ok(Done {
            entry,
            changed: false,
            findings: vec![],
        })
    }
}

fn changes_what_is_live(act: &Act) -> bool {
    matches!(
        act,
        Act::Released { .. } | Act::Promoted { .. } | Act::RolledBack { .. }
    )
}

/// The versions that an act makes live.
fn versions_of(act: &Act, next: &State) -> Vec<AppVersion> {
    match act {
        Act::Released { apps, .. } | Act::RolledBack { apps, .. } => apps.clone(),
        Act::Promoted { release } => next
            .release(*release)
            .map(|release| release.apps.clone())
            .unwrap_or_default(),
        _ => vec![],
    }
}

/// Keeps what is served in step with what other composers write down.
pub(super) async fn follow(inner: Weak<Inner>, mut revisions: watch::Receiver<Revision>) {
    loop {
        if let Ok(Err(_ended)) = timeout(RETRY, revisions.changed()).await {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        inner.refresh().await;
    }
}
