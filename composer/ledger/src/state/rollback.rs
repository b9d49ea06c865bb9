//! The act that a wish to go back means.

use contract::{AppName, AppVersion, Version, admin::ReleaseId};

use super::{Course, State};
use crate::{
    act::Act,
    refusal::{Missing, Refusal, Rule},
};

impl State {
    /// The act that takes these apps back: to the version that is named, or else out of their canary, as a whole train, or else to
    /// the stable version before.
    ///
    /// # Errors
    /// There is nothing to go back to, or some of the apps are in a canary and others are not. Whether the act is allowed is for
    /// [`check`](Self::check).
    pub fn rollback_of(&self, wanted: &[(AppName, Option<Version>)]) -> Result<Act, Refusal> {
        let canary = |(app, to): &(AppName, Option<Version>)| to.is_none().then(|| self.canary_of(app)).flatten();
        if let Some(canary) = wanted.iter().find_map(canary) {
            let release = canary.release;
            let other = wanted
                .iter()
                .find(|(app, to)| to.is_some() || !canary.apps.iter().any(|each| each.app == *app));
            return match other {
                Some(_) => Err(Rule::CanaryAmongOthers(release).into()),
                None => Ok(Act::RolledBack {
                    apps: vec![],
                    release: Some(release),
                }),
            };
        }
        let back = |(app, to): &(AppName, Option<Version>)| {
            let version = to.clone().map_or_else(|| self.before(app), Ok)?;
            let app = app.clone();
            Ok::<_, Refusal>(AppVersion { app, version })
        };
        Ok(Act::RolledBack {
            apps: wanted.iter().map(back).collect::<Result<_, _>>()?,
            release: None,
        })
    }

    /// The act that takes a release back: a canary is withdrawn, a train is put back to what was stable before it.
    ///
    /// # Errors
    /// The release is not known. Whether the act is allowed is for [`check`](Self::check).
    pub fn take_back(&self, id: ReleaseId) -> Result<Act, Refusal> {
        let release = self.known(id)?;
        let apps = match release.course {
            Course::UnderWay => vec![],
            _ => release.before.clone(),
        };
        let release = Some(id);
        Ok(Act::RolledBack { apps, release })
    }

    fn before(&self, name: &AppName) -> Result<Version, Refusal> {
        let app = self.app(name).ok_or_else(|| Missing::App(name.clone()))?;
        let before = app.previous.last().cloned();
        before.ok_or_else(|| Rule::NothingBefore(name.clone()).into())
    }
}
