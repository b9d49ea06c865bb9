//! What is told of apps, versions, instances and canaries.

use std::collections::BTreeSet;

use composer_ledger::{Canary, Ledger, Published, State};
use contract::{
    AppName, AppVersion,
    admin::{AppView, CacheView, CanaryState, Health, LiveAs, ReleaseView, StoreHealth, VersionView},
};

use super::access::Caller;
use crate::app::App;

/// What the fragment cache holds and has done.
pub(super) fn cache(app: &App) -> CacheView {
    let numbers = app.fleet.cache().numbers();
    CacheView {
        limit_bytes: numbers.limit_bytes,
        bytes: numbers.bytes,
        entries: numbers.entries,
        hits: numbers.hits,
        stale: numbers.stale,
        misses: numbers.misses,
        coalesced: numbers.coalesced,
        evictions: numbers.evictions,
        purged: numbers.purged,
    }
}

/// Every app that there is: owned, published, live, or with instances only.
pub(super) fn names(app: &App, facts: &State) -> BTreeSet<AppName> {
    let owned = facts.teams().flat_map(|team| team.apps.iter().cloned());
    let published = facts.versions().map(|found| found.version.app.clone());
    let leased = app.instances.versions().into_iter().map(|version| version.app);
    let lived = facts.apps().map(|found| found.name.clone());
    owned.chain(published).chain(leased).chain(lived).collect()
}

/// What `caller` may see of an app: all of its own, of others what every page says; `None` for what isn't live.
pub(super) async fn app(app: &App, facts: &State, caller: &Caller, name: &AppName) -> Option<AppView> {
    let live = facts.app(name);
    let stable = live.and_then(|live| live.stable.clone());
    let own = caller.covers(name);
    if !own && stable.is_none() {
        return None;
    }
    Some(AppView {
        app: name.clone(),
        team: facts.team_of(name).map(|team| team.name.clone()).filter(|_| own),
        owner: owner(app, facts, name).await,
        revision: live.map_or(0, |live| live.touched.revision.0),
        stable,
        canary: facts.canary_of(name).filter(|_| own).map(|canary| canary.release),
        versions: if own { versions(app, facts, name) } else { vec![] },
    })
}

/// Whom the manifest of the live version names, or else that of the newest.
async fn owner(app: &App, facts: &State, name: &AppName) -> String {
    let newest = || facts.versions_of(name).last().map(|found| found.version.clone());
    let stable = facts.app(name).and_then(|found| found.stable_version());
    let Some(version) = stable.or_else(newest) else {
        return String::new();
    };
    let loaded = app.load(&version).await;
    loaded
        .map(|loaded| loaded.app.manifest.app.owner.clone())
        .unwrap_or_default()
}

/// The versions of an app: published ones, newest first, after those that have instances only.
fn versions(app: &App, facts: &State, name: &AppName) -> Vec<VersionView> {
    let published = facts.versions_of(name);
    let known: BTreeSet<&AppVersion> = published.iter().map(|found| &found.version).collect();
    let leased = app.instances.versions().into_iter();
    let ahead = leased.filter(|version| version.app == *name && !known.contains(version));
    let published = published.iter().rev().map(|found| found.version.clone());
    ahead.chain(published).map(|each| version(app, facts, &each)).collect()
}

/// A version, with its instances.
pub(super) fn version(app: &App, facts: &State, version: &AppVersion) -> VersionView {
    let published: Option<&Published> = facts.version(version).map(AsRef::as_ref);
    VersionView {
        version: version.version.clone(),
        published_at_ms: published.map(|found| found.at_ms),
        published_by: published.map(|found| found.by.to_string()),
        note: published.and_then(|found| found.note.clone()),
        live: live_as(facts, version),
        instances: app.instances_of(version),
        policy: app.policy_of(version),
    }
}

fn live_as(facts: &State, version: &AppVersion) -> LiveAs {
    let stable = facts.app(&version.app).and_then(|found| found.stable.as_ref());
    if stable == Some(&version.version) {
        return LiveAs::Stable;
    }
    match facts.canary_of(&version.app) {
        Some(canary) if canary.apps.contains(version) => LiveAs::Canary,
        _ => LiveAs::No,
    }
}

/// A canary under way, with its numbers.
pub(super) fn canary(app: &App, facts: &State, canary: &Canary) -> ReleaseView {
    let stable = canary
        .apps
        .iter()
        .filter_map(|version| facts.app(&version.app)?.stable_version());
    let numbers = app.canaries.numbers(canary.release);
    ReleaseView {
        id: canary.release,
        apps: canary.apps.clone(),
        stable: stable.collect(),
        canary: canary.terms.clone(),
        analysis: canary.analysis.clone(),
        state: match canary.paused {
            Some(_) => CanaryState::Paused,
            None => CanaryState::Running,
        },
        by: canary.by.to_string(),
        at_ms: canary.at_ms,
        reason: canary.reason.clone(),
        step: canary.step,
        share_bp: canary.share_bp(),
        next_step_at_ms: canary.due_at_ms(),
        ours: numbers.ours,
        theirs: numbers.theirs,
        samples: numbers.samples,
    }
}

/// How the ledger is.
pub(super) fn store(app: &App) -> StoreHealth {
    let health = app.registry.ledger().map(Ledger::health).unwrap_or_default();
    StoreHealth {
        health: match (&health.recovered, health.takes_acts()) {
            (_, false) => Health::Unavailable,
            (Some(_), true) => Health::Recovered,
            (None, true) => Health::Good,
        },
        text: health.to_string(),
    }
}
