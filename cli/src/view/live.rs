//! Which version is live for whom, in words.

use contract::{
    AppName,
    admin::{AppView, Audience, CanaryTerms, ReleaseView, SHARE_ALL, Status},
};

use crate::output::{clean, words::percent};

/// For whom a canary is: `5 % of users`, `cohort beta`, `group staff`.
pub(crate) fn audience(terms: &CanaryTerms, share_bp: Option<u16>) -> String {
    match &terms.audience {
        Audience::Share => match share_bp.or_else(|| terms.steps.first().copied()) {
            Some(SHARE_ALL) => "all users".into(),
            Some(share) => format!("{} of users", percent(share)),
            None => "a share of users".into(),
        },
        Audience::Cohort(name) => format!("cohort {}", clean(name)),
        Audience::Group(name) => format!("group {}", clean(name)),
    }
}

/// One line an app: `checkout  1.4.2 for 5 % of users, 1.3.0 for all others`.
pub(crate) fn who_sees(status: &Status, apps: &[AppName]) -> String {
    let shown: Vec<&AppView> = status.apps.iter().filter(|each| apps.contains(&each.app)).collect();
    let width = shown.iter().map(|each| each.app.as_str().len()).max().unwrap_or(0);
    let line = |each: &&AppView| format!("  {:<width$}  {}\n", each.app.as_str(), line(status, each));
    shown.iter().map(line).collect()
}

fn line(status: &Status, app: &AppView) -> String {
    let stable = app.stable.as_ref();
    let Some((canary, version)) = canary_of(status, app) else {
        return match stable {
            Some(version) => format!("{version} for everybody"),
            None => "not live".into(),
        };
    };
    let rest = stable.map_or("nothing".into(), ToString::to_string);
    let whom = audience(&canary.canary, canary.share_bp);
    format!("{version} for {whom} ({}), {rest} for all others", canary.id)
}

/// The canary of an app, and its version in it.
pub(super) fn canary_of<'s>(status: &'s Status, app: &AppView) -> Option<(&'s ReleaseView, &'s contract::Version)> {
    let canary = status.canaries.iter().find(|each| Some(each.id) == app.canary)?;
    let version = canary.apps.iter().find(|each| each.app == app.app)?;
    Some((canary, &version.version))
}
