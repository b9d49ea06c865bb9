//! The rules of releases, canaries and rollbacks.

use contract::{
    AppName, AppVersion,
    admin::{AnalysisTerms, Audience, CanaryTerms, ReleaseId, SHARE_ALL},
};

use super::{State, at_most, each_once, is_text, limits, some};
use crate::{
    refusal::{Checked, Missing, Refusal, Rule},
    state::{Canary, Course, Release},
};

impl State {
    pub(super) fn check_release(
        &self,
        apps: &[AppVersion],
        terms: Option<&CanaryTerms>,
        analysis: &AnalysisTerms,
    ) -> Result<Checked, Refusal> {
        self.check_train(apps)?;
        check_analysis(analysis)?;
        let mut live = apps.iter().filter(|version| self.is_stable(version));
        if let Some(terms) = terms {
            check_terms(terms)?;
            if let Some(version) = live.next() {
                return Err(Rule::AlreadyLive(version.clone()).into());
            }
            if let Some((app, release)) = self.canary_among(apps) {
                return Err(Rule::CanaryUnderWay { app, release }.into());
            }
            let most = limits::CANARIES;
            if self.canaries.len() >= most {
                return Err(Rule::TooManyCanaries { most }.into());
            }
            return Ok(Checked::New);
        }
        if let Some((app, release)) = self.canary_among(apps) {
            return Err(Rule::CanaryUnderWay { app, release }.into());
        }
        Ok(self.unless_all_stable(apps))
    }

    pub(super) fn check_rollback(&self, apps: &[AppVersion], release: Option<ReleaseId>) -> Result<Checked, Refusal> {
        let Some(id) = release else {
            return self.check_rollback_of_apps(apps);
        };
        let release = self.known(id)?;
        match &release.course {
            Course::UnderWay if apps.is_empty() => Ok(Checked::New),
            Course::UnderWay => Err(Rule::VersionsOfCanary(id).into()),
            Course::RolledBack(by) => Ok(Checked::Unchanged(by.revision)),
            Course::Whole | Course::Promoted(_) if apps.is_empty() && !release.before.is_empty() => {
                Err(Rule::NoCanary(id).into())
            }
            Course::Whole | Course::Promoted(_) => self.check_take_back(release, apps),
        }
    }

    fn check_rollback_of_apps(&self, apps: &[AppVersion]) -> Result<Checked, Refusal> {
        self.check_train(apps)?;
        if let Some((app, release)) = self.canary_among(apps) {
            return Err(Rule::CanaryUnderWay { app, release }.into());
        }
        let never = |version: &&AppVersion| self.app(&version.app).is_none_or(|app| app.stable.is_none());
        if let Some(version) = apps.iter().find(never) {
            return Err(Missing::App(version.app.clone()).into());
        }
        Ok(self.unless_all_stable(apps))
    }

    fn check_take_back(&self, release: &Release, apps: &[AppVersion]) -> Result<Checked, Refusal> {
        if let Some((app, release)) = self.canary_among(&release.apps) {
            return Err(Rule::CanaryUnderWay { app, release }.into());
        }
        if let Some(was) = release.apps.iter().find(|version| !self.is_stable(version)) {
            let (release, was) = (release.id, was.clone());
            return Err(Rule::MovedOn { release, was }.into());
        }
        let has_before = |app: &AppName| release.before.iter().any(|each| each.app == *app);
        if let Some(new) = release.apps.iter().find(|version| !has_before(&version.app)) {
            return Err(Rule::NothingBefore(new.app.clone()).into());
        }
        if apps.len() != release.before.len() || !apps.iter().all(|each| release.before.contains(each)) {
            return Err(Rule::OthersThanBefore(release.id).into());
        }
        self.check_train(apps)?;
        Ok(Checked::New)
    }

    pub(super) fn check_step(&self, id: ReleaseId, to: usize) -> Result<Checked, Refusal> {
        let canary = self.under_way(id)?;
        if canary.paused.is_some() {
            return Err(Rule::Paused(id).into());
        }
        let (at, last) = (canary.step, canary.terms.steps.len().saturating_sub(1));
        if to <= at || to > last {
            return Err(Rule::Step {
                release: id,
                at,
                last,
                to,
            }
            .into());
        }
        Ok(Checked::New)
    }

    pub(super) fn check_pause(&self, id: ReleaseId) -> Result<Checked, Refusal> {
        let paused = &self.under_way(id)?.paused;
        Ok(paused
            .as_ref()
            .map_or(Checked::New, |by| Checked::Unchanged(by.revision)))
    }

    pub(super) fn check_resume(&self, id: ReleaseId) -> Result<Checked, Refusal> {
        let canary = self.under_way(id)?;
        Ok(match canary.paused {
            Some(_) => Checked::New,
            None => Checked::Unchanged(canary.touched.revision),
        })
    }

    pub(super) fn check_promote(&self, id: ReleaseId) -> Result<Checked, Refusal> {
        if let Course::Promoted(by) = &self.known(id)?.course {
            return Ok(Checked::Unchanged(by.revision));
        }
        let canary = self.under_way(id)?;
        self.check_train(&canary.apps)?;
        Ok(Checked::New)
    }

    /// Published versions, at most one an app.
    fn check_train(&self, apps: &[AppVersion]) -> Result<(), Refusal> {
        some("the versions of a release", apps.len())?;
        at_most("versions of a release", limits::TRAIN, apps.len())?;
        each_once(apps.iter().map(|version| &version.app))?;
        for version in apps {
            self.published(version)?;
        }
        Ok(())
    }

    fn is_stable(&self, version: &AppVersion) -> bool {
        self.app(&version.app).and_then(|app| app.stable.as_ref()) == Some(&version.version)
    }

    fn unless_all_stable(&self, apps: &[AppVersion]) -> Checked {
        let since = |version: &AppVersion| self.app(&version.app).map(|app| app.touched.revision);
        match apps.iter().filter_map(since).max() {
            Some(since) if apps.iter().all(|version| self.is_stable(version)) => Checked::Unchanged(since),
            _ => Checked::New,
        }
    }

    fn canary_among(&self, apps: &[AppVersion]) -> Option<(AppName, ReleaseId)> {
        let canary = |version: &AppVersion| Some((version.app.clone(), self.canary_of(&version.app)?.release));
        apps.iter().find_map(canary)
    }

    pub(in crate::state) fn known(&self, id: ReleaseId) -> Result<&Release, Missing> {
        self.release(id).map(AsRef::as_ref).ok_or(Missing::Release(id))
    }

    fn under_way(&self, id: ReleaseId) -> Result<&Canary, Refusal> {
        self.known(id)?;
        let canary = self.canary(id).map(AsRef::as_ref);
        canary.ok_or_else(|| Rule::NoCanary(id).into())
    }
}

fn check_terms(terms: &CanaryTerms) -> Result<(), Rule> {
    at_most("steps of a canary", limits::STEPS, terms.steps.len())?;
    if let Some(every_s) = terms.every_s {
        let seconds = usize::try_from(every_s).unwrap_or(usize::MAX);
        some("the time between steps", seconds)?;
        at_most("seconds between steps", limits::EVERY_S as usize, seconds)?;
    }
    match &terms.audience {
        Audience::Share => check_steps(&terms.steps),
        Audience::Cohort(name) | Audience::Group(name) => {
            is_text("the name of a cohort or group", name)?;
            if !terms.steps.is_empty() || terms.every_s.is_some() {
                return Err(Rule::StepsWithoutShare);
            }
            Ok(())
        }
    }
}

fn check_steps(steps: &[u16]) -> Result<(), Rule> {
    some("the steps of a canary by share", steps.len())?;
    let mut before = 0;
    for step in steps {
        if *step <= before || *step > SHARE_ALL {
            return Err(Rule::Steps(*step));
        }
        before = *step;
    }
    Ok(())
}

fn check_analysis(analysis: &AnalysisTerms) -> Result<(), Rule> {
    let all = usize::from(SHARE_ALL);
    some("the smallest sample of an analysis", analysis.min_sample as usize)?;
    at_most("basis points of failures", all, usize::from(analysis.max_failures_bp))?;
    at_most("basis points of reports", all, usize::from(analysis.max_reports_bp))
}
