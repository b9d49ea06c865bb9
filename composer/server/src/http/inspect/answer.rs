//! The answer's shape: a tab's composition with the releases behind it, and its page by the manifests.

use composer_ledger::{Canary, Course, Release, State, state::bucket};
use composer_page::OutlinePart;
use contract::{
    AppName, AppVersion, Role,
    admin::{Action, Audience},
};
use serde::Serialize;

use crate::{
    admin::{Caller, allows},
    app::Shared,
    choice::Choice,
    clock::now_ms,
    overrides::Override,
    visitor::Guest,
};

/// Versions of an app that are told, the newest first.
const MOST_VERSIONS: usize = 20;

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    composer: &'static str,
    at_ms: u64,
    revision: u64,
    composition: String,
    /// Whether the tab has the newest for it; `None` when it did not say what it has.
    state: Option<&'static str>,
    /// What showing another version takes: `none` where that can't be, `token` or `free`.
    switching: &'static str,
    /// Whom the token is of that came along.
    caller: Option<String>,
    chosen: Vec<String>,
    problem: Option<String>,
    r#override: Option<OverrideTold>,
    canaries: Vec<CanaryTold>,
    apps: Vec<AppTold>,
    page: Option<PageTold>,
}

#[derive(Debug, Serialize)]
struct OverrideTold {
    id: String,
    version: String,
    expires_at_ms: u64,
}

#[derive(Debug, Serialize)]
struct CanaryTold {
    release: String,
    apps: Vec<String>,
    /// For whom it is.
    audience: String,
    share_bp: Option<u16>,
    /// Where the visitor stands among all, from 0 to 9,999: below the share means in it.
    bucket: Option<u16>,
    admits: bool,
    paused: bool,
    at_ms: u64,
    by: String,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct AppTold {
    app: String,
    version: String,
    owner: String,
    team: Option<String>,
    /// Why it is this version: `stable`, `canary`, `override`, `chosen`, `older` or, of fixed apps, `fixed`.
    why: &'static str,
    reachable: bool,
    release: Option<ReleaseTold>,
    published_at_ms: Option<u64>,
    published_by: Option<String>,
    /// To choose from, for whoever may.
    versions: Vec<VersionTold>,
}

#[derive(Debug, Serialize)]
struct ReleaseTold {
    id: String,
    at_ms: u64,
    by: String,
    reason: Option<String>,
    /// How it went on: `whole`, `canary`, `promoted` or `rolled-back`.
    course: &'static str,
    /// Since when the version is the stable one.
    since_ms: Option<u64>,
}

#[derive(Debug, Serialize)]
struct VersionTold {
    version: String,
    live: &'static str,
    published_at_ms: u64,
    reachable: bool,
}

#[derive(Debug, Serialize)]
struct PageTold {
    route: String,
    layout: String,
    slots: Vec<SlotTold>,
}

#[derive(Debug, Serialize)]
struct SlotTold {
    fragment: String,
    version: Option<String>,
    owner: String,
    role: Role,
    included_by: Option<String>,
    depth: usize,
    deadline_ms: Option<u64>,
    hydrate: Option<&'static str>,
    params: Vec<String>,
    has_fallback: bool,
    max_body_bytes: Option<usize>,
}

impl Answer {
    pub(super) fn new(app: &Shared, choice: &Choice, guest: &Guest, caller: Option<&Caller>, path: &str) -> Self {
        let state = choice.moment.state();
        let open = choice.shown.as_ref();
        let told = Teller { app, choice, caller };
        Self {
            composer: env!("CARGO_PKG_VERSION"),
            at_ms: now_ms(),
            revision: state.revision().0,
            composition: choice.view.composition().to_string(),
            state: choice.state(),
            switching: match (app.has_releases(), app.inspector.development) {
                (false, _) => "none",
                (true, false) => "token",
                (true, true) => "free",
            },
            caller: caller.map(|caller| caller.name.clone()),
            chosen: choice.chosen.versions.iter().map(ToString::to_string).collect(),
            problem: open
                .and_then(|shown| shown.problem.clone())
                .or_else(|| choice.chosen.problem.clone()),
            r#override: open.map(|shown| override_told(&shown.open)),
            canaries: state.canaries().map(|canary| canary_told(canary, guest)).collect(),
            apps: choice
                .view
                .composition()
                .iter()
                .map(|version| told.app(&version))
                .collect(),
            page: told.page(path),
        }
    }
}

/// What all parts of an answer are told from.
struct Teller<'a> {
    app: &'a Shared,
    choice: &'a Choice,
    caller: Option<&'a Caller>,
}

impl Teller<'_> {
    fn app(&self, version: &AppVersion) -> AppTold {
        let state = self.choice.moment.state();
        let manifest = self.choice.view.site().manifest(&version.app);
        let published = state.version(version).filter(|_| self.app.has_releases());
        AppTold {
            app: version.app.to_string(),
            version: version.version.to_string(),
            owner: manifest.map(|manifest| manifest.app.owner.clone()).unwrap_or_default(),
            team: state.team_of(&version.app).map(|team| team.name.to_string()),
            why: self.why(state, version),
            reachable: self.choice.view.reaches(&version.app),
            release: release_of(state, version).filter(|_| self.app.has_releases()),
            published_at_ms: published.map(|found| found.at_ms),
            published_by: published.map(|found| found.by.to_string()),
            versions: self.versions(state, &version.app),
        }
    }

    fn why(&self, state: &State, version: &AppVersion) -> &'static str {
        let open = self.choice.shown.as_ref();
        if !self.app.has_releases() {
            "fixed"
        } else if open.is_some_and(|shown| shown.open.version == *version) {
            "override"
        } else if self.choice.chosen.versions.contains(version) {
            "chosen"
        } else if state.stable().holds(version) {
            "stable"
        } else if state.canaries().any(|canary| canary.apps.contains(version)) {
            "canary"
        } else {
            "older"
        }
    }

    /// Only for whoever may choose among them: what isn't released yet is nobody else's business.
    fn versions(&self, state: &State, name: &AppName) -> Vec<VersionTold> {
        let is_developer = |caller: &Caller| allows(caller, Action::Dev, std::slice::from_ref(name)).is_ok();
        if !self.app.inspector.development && !self.caller.is_some_and(is_developer) {
            return vec![];
        }
        let published = state.versions_of(name);
        let told = published.into_iter().rev().take(MOST_VERSIONS).map(|found| {
            let instances = self.app.fleet.instances(&found.version);
            VersionTold {
                version: found.version.version.to_string(),
                live: live_as(state, &found.version),
                published_at_ms: found.at_ms,
                reachable: instances.iter().any(|instance| !is_dead(instance.state)),
            }
        });
        told.collect()
    }

    fn page(&self, path: &str) -> Option<PageTold> {
        let site = self.choice.view.site();
        let outline = site.outline(&canonical(path))?;
        Some(PageTold {
            route: outline.route,
            layout: outline.layout.to_string(),
            slots: outline.parts.into_iter().map(|part| self.slot(part)).collect(),
        })
    }

    fn slot(&self, part: OutlinePart) -> SlotTold {
        let manifest = self.choice.view.site().manifest(&part.fragment.app);
        let terms = manifest.and_then(|manifest| manifest.fragment(&part.fragment.fragment));
        SlotTold {
            fragment: part.fragment.to_string(),
            version: part.version.map(|version| version.to_string()),
            owner: part.owner,
            role: part.role,
            included_by: part.included_by,
            depth: part.depth,
            deadline_ms: terms.map(|terms| u64::try_from(terms.deadline.as_millis()).unwrap_or(u64::MAX)),
            hydrate: terms.map(|terms| terms.hydrate.as_str()),
            params: terms.map(|terms| terms.params.clone()).unwrap_or_default(),
            has_fallback: terms.is_some_and(|terms| terms.fallback.is_some()),
            max_body_bytes: terms.map(|terms| terms.max_body_bytes),
        }
    }
}

fn is_dead(state: composer_fetch::InstanceState) -> bool {
    state == composer_fetch::InstanceState::Unhealthy
}

fn live_as(state: &State, version: &AppVersion) -> &'static str {
    if state.stable().holds(version) {
        return "stable";
    }
    let mut canaries = state.canaries();
    if canaries.any(|canary| canary.apps.contains(version)) {
        return "canary";
    }
    "no"
}

/// The newest release that holds the version; one that is over counts where there is no other.
fn release_of(state: &State, version: &AppVersion) -> Option<ReleaseTold> {
    let release = state.releases().rev().find(|release| release.apps.contains(version))?;
    let app = state.app(&version.app);
    let is_stable = app.is_some_and(|app| app.stable.as_ref() == Some(&version.version));
    let Release {
        id,
        at_ms,
        by,
        reason,
        course,
        ..
    } = &**release;
    Some(ReleaseTold {
        id: id.to_string(),
        at_ms: *at_ms,
        by: by.to_string(),
        reason: reason.clone(),
        course: match course {
            Course::Whole => "whole",
            Course::UnderWay => "canary",
            Course::Promoted(_) => "promoted",
            Course::RolledBack(_) => "rolled-back",
        },
        since_ms: app.filter(|_| is_stable).and_then(|app| app.stable_since_ms),
    })
}

fn canary_told(canary: &Canary, guest: &Guest) -> CanaryTold {
    let audience = guest.audience();
    let share_bp = canary.share_bp();
    CanaryTold {
        release: canary.release.to_string(),
        apps: canary.apps.iter().map(ToString::to_string).collect(),
        audience: match &canary.terms.audience {
            Audience::Share => "a share of users".into(),
            Audience::Cohort(cohort) => format!("cohort `{cohort}`"),
            Audience::Group(group) => format!("group `{group}`"),
        },
        share_bp,
        bucket: share_bp.and_then(|_| Some(bucket(audience.user_id?, canary.release))),
        admits: canary.admits(&audience),
        paused: canary.paused.is_some(),
        at_ms: canary.at_ms,
        by: canary.by.to_string(),
        reason: canary.reason.clone(),
    }
}

fn override_told(open: &Override) -> OverrideTold {
    OverrideTold {
        id: open.id.clone(),
        version: open.version.to_string(),
        expires_at_ms: open.expires_at_s.saturating_mul(1_000),
    }
}

/// The path as routes know it, without a slash at its end.
fn canonical(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let shorter = decoded.strip_suffix('/').filter(|rest| !rest.is_empty());
    shorter.unwrap_or(&decoded).to_owned()
}
