//! Watches the canaries that are under way: what happens to their users, and what follows from it.

pub(crate) mod driver;
mod course;
mod analysis;
mod views;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use composer_fetch::Numbers;
use composer_ledger::{Canary, State};
use contract::{
    AppName, AppVersion, Composition,
    admin::{Arm, ReleaseId, Sample},
};

use analysis::Failure;
use course::{Course, Pair};
use views::{Sides, Views};

/// The numbers of all canaries under way.
#[derive(Debug, Default)]
pub(crate) struct Canaries(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    courses: BTreeMap<ReleaseId, Course>,
    views: Views,
}

/// The numbers of one canary: its own, those of the stable versions in the same time, and the course of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CanaryNumbers {
    pub(crate) ours: Arm,
    pub(crate) theirs: Arm,
    pub(crate) samples: Vec<Sample>,
}

impl Canaries {
    /// The numbers of a canary; all zero for one that has just begun.
    pub(crate) fn numbers(&self, release: ReleaseId) -> CanaryNumbers {
        let watched = self.watched();
        let course = watched.courses.get(&release);
        let numbers = course.map(|course| CanaryNumbers {
            ours: course.arms.0,
            theirs: course.arms.1,
            samples: course.samples.clone(),
        });
        numbers.unwrap_or_default()
    }

    /// Counts a page view that may show something of `apps`, for every canary that it says something about.
    pub(crate) fn viewed(&self, state: &State, composition: &Composition, apps: &[AppName], request_id: &str) {
        let mut sides = Sides::new();
        for canary in state.canaries() {
            let is_about = canary.apps.iter().any(|version| apps.contains(&version.app));
            if is_about && let Some(side) = side(state, canary, composition) {
                sides.push((canary.release, side));
            }
        }
        if sides.is_empty() {
            return;
        }
        let mut watched = self.watched();
        // Nothing counts before the counters of its canary have been read for the first time.
        sides.retain(|(release, _)| watched.courses.contains_key(release));
        for (release, is_ours) in &sides {
            if let Some(course) = watched.courses.get_mut(release) {
                let views = if *is_ours { &mut course.ours } else { &mut course.theirs };
                views.seen += 1;
            }
        }
        watched.views.note(composition, request_id, sides);
    }

    /// Counts what a browser reports of a page view, the first time that it does.
    pub(crate) fn reported(&self, version: &AppVersion, request_id: &str) {
        let mut watched = self.watched();
        for (release, is_ours) in watched.views.report(version, request_id) {
            if let Some(course) = watched.courses.get_mut(&release) {
                let views = if is_ours { &mut course.ours } else { &mut course.theirs };
                views.reported += 1;
            }
        }
    }

    /// Begins to watch the canaries that are new.
    fn begin(&self, state: &State, read: impl Fn(&AppVersion) -> Numbers) {
        let mut watched = self.watched();
        for canary in state.canaries() {
            watched.begin(state, canary, &read);
        }
    }

    /// Takes what another second has brought; gives the canaries that have failed. Those that are over are forgotten.
    fn tick(&self, state: &State, at_ms: u64, read: impl Fn(&AppVersion) -> Numbers) -> Vec<(ReleaseId, Failure)> {
        let mut watched = self.watched();
        watched.courses.retain(|release, _| state.canary(*release).is_some());
        if watched.courses.is_empty() && state.canaries().next().is_none() {
            watched.views.clear();
        }
        let mut failed = Vec::new();
        for canary in state.canaries() {
            watched.begin(state, canary, &read);
            let share_bp = canary.share_bp().unwrap_or_default();
            let course = watched.courses.get_mut(&canary.release);
            let failure = course.and_then(|course| course.tick(at_ms, share_bp, &canary.analysis, &read));
            failed.extend(failure.map(|failure| (canary.release, failure)));
        }
        failed
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Begins a canary's course unless it has one, about these versions.
    fn begin(&mut self, state: &State, canary: &Canary, read: impl Fn(&AppVersion) -> Numbers) {
        let pairs = pairs(state, canary);
        let course = self.courses.get(&canary.release);
        if course.is_none_or(|course| !course.is_about(&pairs)) {
            self.courses.insert(canary.release, Course::begin(pairs, read));
        }
    }
}

fn pairs(state: &State, canary: &Canary) -> Vec<Pair> {
    let pair = |ours: &AppVersion| Pair {
        ours: ours.clone(),
        theirs: state.app(&ours.app).and_then(|app| app.stable_version()),
    };
    canary.apps.iter().map(pair).collect()
}

/// True for the canary's side, false for the stable one; `None` for a page of older versions.
fn side(state: &State, canary: &Canary, composition: &Composition) -> Option<bool> {
    if canary.apps.iter().all(|version| composition.holds(version)) {
        return Some(true);
    }
    let is_stable = canary.apps.iter().all(|version| {
        let stable = state.app(&version.app).and_then(|app| app.stable.as_ref());
        composition.version(&version.app) == stable
    });
    is_stable.then_some(false)
}
