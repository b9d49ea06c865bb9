//! Rights and audiences in words.

use contract::{
    AppName,
    admin::{Action, Audience, CanaryTerms, WhoAmI},
};
use fragments_console::percent;

/// What a token may do, for the bar above each page: `platform · read, release`.
pub(crate) fn rights(who: &WhoAmI) -> String {
    let team = who.team.as_ref().map_or("platform", |team| team.as_str());
    let actions: Vec<&str> = who.actions.iter().map(|action| action.as_str()).collect();
    format!("{team} · {}", actions.join(", "))
}

/// Why the token may not act on `app`; empty when it may.
pub(crate) fn forbidden(who: &WhoAmI, app: &AppName) -> String {
    if !who.actions.contains(&Action::Release) {
        return "Your token lets you look, not act: it lacks the right `release`.".into();
    }
    match &who.apps {
        Some(apps) if !apps.contains(app) => {
            let apps: Vec<&str> = apps.iter().map(AppName::as_str).collect();
            format!("Your token may not act on `{app}`: it is for {}.", apps.join(", "))
        }
        _ => String::new(),
    }
}

/// For whom a canary is: `25 % of users`.
pub(crate) fn audience(terms: &CanaryTerms, share_bp: Option<u16>) -> String {
    match &terms.audience {
        Audience::Share => {
            let share = share_bp.or_else(|| terms.steps.first().copied());
            format!("{} of users", percent(share.unwrap_or_default().into()))
        }
        Audience::Cohort(cohort) => format!("cohort {cohort}"),
        Audience::Group(group) => format!("group {group}"),
    }
}
