//! The fold: what each entry changes.

use std::{collections::BTreeMap, sync::Arc};

use contract::{
    AppName, AppVersion,
    admin::{AnalysisTerms, CanaryTerms, ReleaseId},
};

use super::{App, Canary, Course, Release, State, Team, Touched};
use crate::{act::Act, entry::Entry};

impl State {
    /// Takes the next entry in. What an entry says of something that isn't there is left out: an entry is checked before it is
    /// written, and one that was written is never a reason not to start.
    pub fn apply(&mut self, entry: &Entry) {
        self.revision = entry.revision;
        self.at_ms = entry.at_ms;
        match &entry.act {
            Act::TeamSet { team, apps, networks } => Arc::make_mut(&mut self.teams).set(Team {
                name: team.clone(),
                apps: apps.clone(),
                networks: networks.clone(),
                touched: entry.into(),
            }),
            Act::TokenIssued { token } => Arc::make_mut(&mut self.tokens).issue(token.clone(), entry),
            Act::TokenRevoked { id } => Arc::make_mut(&mut self.tokens).revoke(id, entry),
            Act::VersionPublished { version, files, note } => {
                Arc::make_mut(&mut self.versions).publish(version, files, note.clone(), entry);
            }
            Act::OriginsSet { version, origins } => {
                Arc::make_mut(&mut self.versions).set_origins(version, origins, entry);
            }
            Act::Released { apps, canary, analysis } => self.released(apps, canary.as_ref(), analysis, entry),
            Act::CanaryStepped { release, step } => self.change_canary(*release, entry, |canary| {
                canary.step = (*step).min(canary.terms.steps.len().saturating_sub(1));
                canary.since_ms = entry.at_ms;
            }),
            Act::CanaryPaused { release } => {
                self.change_canary(*release, entry, |canary| canary.paused = Some(entry.into()));
                self.touch(*release, entry);
            }
            Act::CanaryResumed { release } => {
                self.change_canary(*release, entry, |canary| {
                    canary.paused = None;
                    canary.since_ms = entry.at_ms;
                });
                self.touch(*release, entry);
            }
            Act::Promoted { release } => self.promoted(*release, entry),
            Act::RolledBack { apps, release } => self.rolled_back(apps, *release, entry),
            Act::VersionsForgotten { versions } => self.forget(versions),
            Act::OverrideOpened { .. } | Act::Recovered { .. } => {}
        }
    }

    fn released(&mut self, apps: &[AppVersion], terms: Option<&CanaryTerms>, analysis: &AnalysisTerms, entry: &Entry) {
        let id = ReleaseId(entry.revision.0);
        let release = Release {
            id,
            apps: apps.to_vec(),
            canary: terms.cloned(),
            by: entry.by.clone(),
            at_ms: entry.at_ms,
            reason: entry.reason.clone(),
            before: self.stable_of(apps),
            course: terms.map_or(Course::Whole, |_| Course::UnderWay),
        };
        Arc::make_mut(&mut self.releases).insert(id, Arc::new(release));
        let Some(terms) = terms else {
            return self.change_apps(apps, entry, |app, version| app.advance(&version.version, entry.at_ms));
        };
        let canary = Canary {
            release: id,
            apps: apps.to_vec(),
            terms: terms.clone(),
            analysis: analysis.clone(),
            by: entry.by.clone(),
            at_ms: entry.at_ms,
            reason: entry.reason.clone(),
            step: 0,
            since_ms: entry.at_ms,
            paused: None,
            touched: entry.into(),
        };
        Arc::make_mut(&mut self.canaries).insert(id, Arc::new(canary));
        self.change_apps(apps, entry, |_, _| ());
    }

    fn promoted(&mut self, id: ReleaseId, entry: &Entry) {
        let Some(canary) = Arc::make_mut(&mut self.canaries).remove(&id) else {
            return;
        };
        let before = self.stable_of(&canary.apps);
        self.change_release(id, |release| {
            release.before = before;
            release.course = Course::Promoted(entry.into());
        });
        self.change_apps(&canary.apps, entry, |app, version| {
            app.advance(&version.version, entry.at_ms);
        });
    }

    fn rolled_back(&mut self, apps: &[AppVersion], id: Option<ReleaseId>, entry: &Entry) {
        if let Some(id) = id {
            let canary = Arc::make_mut(&mut self.canaries).remove(&id);
            self.change_release(id, |release| release.course = Course::RolledBack(entry.into()));
            if let Some(canary) = canary {
                self.change_apps(&canary.apps, entry, |_, _| ());
            }
        }
        self.change_apps(apps, entry, |app, version| app.go_back(&version.version, entry.at_ms));
    }

    fn forget(&mut self, versions: &[AppVersion]) {
        for version in versions {
            Arc::make_mut(&mut self.versions).forget(version);
            let Some(app) = Arc::make_mut(&mut self.apps).get_mut(&version.app) else {
                continue;
            };
            Arc::make_mut(app).previous.retain(|each| *each != version.version);
        }
    }

    pub(super) fn stable_of(&self, apps: &[AppVersion]) -> Vec<AppVersion> {
        let stable = |each: &AppVersion| self.app(&each.app)?.stable_version();
        apps.iter().filter_map(stable).collect()
    }

    /// Changes each app, says who did it, and notes which versions are now live for nobody.
    fn change_apps(&mut self, versions: &[AppVersion], entry: &Entry, change: impl Fn(&mut App, &AppVersion)) {
        let touched = Touched::from(entry);
        let apps: &mut BTreeMap<AppName, Arc<App>> = Arc::make_mut(&mut self.apps);
        let mut concerned = versions.to_vec();
        for version in versions {
            let new = || Arc::new(App::new(version.app.clone(), touched.clone()));
            let app = Arc::make_mut(apps.entry(version.app.clone()).or_insert_with(new));
            concerned.extend(app.stable_version());
            change(app, version);
            app.touched = touched.clone();
        }
        for version in concerned {
            let idle = (!self.is_live(&version)).then_some(entry.at_ms);
            Arc::make_mut(&mut self.versions).set_idle(&version, idle);
        }
    }

    pub(super) fn is_live(&self, version: &AppVersion) -> bool {
        let stable = self.app(&version.app).and_then(|app| app.stable.as_ref());
        stable == Some(&version.version) || self.canaries.values().any(|canary| canary.apps.contains(version))
    }

    fn change_release(&mut self, id: ReleaseId, change: impl FnOnce(&mut Release)) {
        if let Some(release) = Arc::make_mut(&mut self.releases).get_mut(&id) {
            change(Arc::make_mut(release));
        }
    }

    fn change_canary(&mut self, id: ReleaseId, entry: &Entry, change: impl FnOnce(&mut Canary)) {
        if let Some(canary) = Arc::make_mut(&mut self.canaries).get_mut(&id) {
            let canary = Arc::make_mut(canary);
            change(canary);
            canary.touched = entry.into();
        }
    }

    fn touch(&mut self, id: ReleaseId, entry: &Entry) {
        let apps = self.canary(id).map(|canary| canary.apps.clone()).unwrap_or_default();
        self.change_apps(&apps, entry, |_, _| ());
    }
}
