//! Takes canaries from step to step, and takes those back that have failed.

use std::{sync::Arc, time::Duration};

use composer_fetch::{Fleet, Numbers};
use composer_ledger::{Act, Actor, Canary};
use composer_registry::{ActError, Registry};
use contract::{
    AppVersion,
    admin::{ReleaseId, SHARE_ALL},
};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use super::Canaries;
use crate::clock::now_ms;

const EVERY: Duration = Duration::from_secs(1);

/// What the driver works with.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) registry: Registry,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) canaries: Arc<Canaries>,
}

/// What is due for a canary that has not failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Step(usize),
    Promote,
}

impl Driver {
    /// Looks at every canary each second, and at a new one at once; never ends. Several composers may do so: the ledger takes
    /// the first act only.
    pub(crate) async fn run(self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut changes = self.registry.changes();
        loop {
            tokio::select! {
                _ = ticks.tick() => self.look().await,
                Ok(()) = changes.changed() => self.canaries.begin(self.registry.snapshot().state(), |version| self.read(version)),
            }
        }
    }

    fn read(&self, version: &AppVersion) -> Numbers {
        let upstream = self.fleet.get(version);
        upstream.map(|upstream| upstream.numbers()).unwrap_or_default()
    }

    async fn look(&self) {
        let snapshot = self.registry.snapshot();
        let state = snapshot.state();
        let at_ms = now_ms();
        let failed = self.canaries.tick(state, at_ms, |version| self.read(version));
        for canary in state.canaries() {
            let failure = failed.iter().find(|(release, _)| *release == canary.release);
            match failure {
                Some((release, failure)) => self.roll_back(*release, failure.to_string()).await,
                None => self.go_on(canary, at_ms).await,
            }
        }
    }

    async fn roll_back(&self, release: ReleaseId, reason: String) {
        let act = Act::RolledBack {
            apps: vec![],
            release: Some(release),
        };
        self.act("analysis", act, Some(reason)).await;
    }

    async fn go_on(&self, canary: &Canary, at_ms: u64) {
        let release = canary.release;
        let act = match due(canary, at_ms) {
            Some(Due::Step(step)) => Act::CanaryStepped { release, step },
            Some(Due::Promote) => Act::Promoted { release },
            None => return,
        };
        self.act("steps", act, None).await;
    }

    async fn act(&self, part: &str, act: Act, reason: Option<String>) {
        let text = act.to_string();
        match self.registry.act(Actor::system(part), act, None, reason.clone()).await {
            Ok(done) if !done.changed => {}
            Ok(done) => match reason {
                Some(reason) => warn!(revision = done.entry.revision.0, act = text, reason, "canary failed"),
                None => info!(revision = done.entry.revision.0, act = text, "canary went on"),
            },
            // Another composer was faster, or people were.
            Err(ActError::Refused(error)) => debug!(act = text, %error, "canary is over already"),
            // The next second tries again.
            Err(error) => warn!(act = text, %error, "canary stays as it is"),
        }
    }
}

/// What `canary` has waited for long enough. A step to everybody is a promotion.
fn due(canary: &Canary, now_ms: u64) -> Option<Due> {
    if canary.due_at_ms()? > now_ms {
        return None;
    }
    let next = canary.next_step();
    let share = next.and_then(|step| canary.terms.steps.get(step).copied());
    match (next, share) {
        (Some(step), Some(share)) if share < SHARE_ALL => Some(Due::Step(step)),
        _ => Some(Due::Promote),
    }
}

#[cfg(test)]
mod tests {
    use composer_ledger::{Entry, Revision, State};
    use contract::admin::{AnalysisTerms, Audience, CanaryTerms};

    use super::*;

    /// A canary of `steps`, released at 1,000 ms, taken to `step` at 2,000 ms.
    fn canary(steps: &[u16], step: usize, every_s: Option<u64>) -> State {
        let version: AppVersion = "a@2.0.0".parse().unwrap();
        let released = Act::Released {
            apps: vec![version],
            canary: Some(CanaryTerms {
                audience: Audience::Share,
                steps: steps.to_vec(),
                every_s,
            }),
            analysis: AnalysisTerms::default(),
        };
        let stepped = Act::CanaryStepped {
            release: ReleaseId(1),
            step,
        };
        let mut state = State::default();
        for (revision, act) in [(1, Some(released)), (2, (step > 0).then_some(stepped))] {
            if let Some(act) = act {
                state.apply(&Entry {
                    revision: Revision(revision),
                    at_ms: revision * 1_000,
                    by: Actor::system("test"),
                    act,
                    reason: None,
                });
            }
        }
        state
    }

    fn check(steps: &[u16], step: usize, every_s: Option<u64>, now_ms: u64) -> Option<Due> {
        let state = canary(steps, step, every_s);
        due(state.canary(ReleaseId(1)).unwrap(), now_ms)
    }

    #[test]
    fn a_canary_grows_step_by_step_and_is_promoted_at_last() {
        let steps = [500, 2_500, 10_000];
        assert_eq!(check(&steps, 0, Some(10), 10_999), None);
        assert_eq!(check(&steps, 0, Some(10), 11_000), Some(Due::Step(1)));
        assert_eq!(check(&steps, 1, Some(10), 11_999), None);
        assert_eq!(check(&steps, 1, Some(10), 12_000), Some(Due::Promote));
        assert_eq!(check(&[500, 2_500], 1, Some(10), 12_000), Some(Due::Promote));
        assert_eq!(check(&steps, 0, None, u64::MAX), None, "people promote it");
    }
}
