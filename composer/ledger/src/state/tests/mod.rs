//! What states say of acts.

mod accounts;
mod canaries;
mod releases;
mod versions;

use contract::{
    AppName, AppVersion, Composition,
    admin::{Action, AnalysisTerms, Audience, CanaryTerms, ReleaseId, Sha256, VersionFile},
};

use super::State;
use crate::{
    act::{Act, TokenRecord},
    entry::{Actor, Entry, Revision},
    refusal::{Checked, Refusal},
};

/// A state, and the acts that lead to it; each a second after the one before.
pub(super) struct Story {
    pub(super) state: State,
}

impl Story {
    /// A team `shop` that owns `a`, `b`, `c`, `d`, `e`, `f` with published versions 1.0.0 to 4.0.0 each.
    pub(super) fn new() -> Self {
        let mut story = Self {
            state: State::default(),
        };
        story.does(team("shop", "a b c d e f"));
        for app in ["a", "b", "c", "d", "e", "f"] {
            for major in 1..=4 {
                story.does(publish(&format!("{app}@{major}.0.0")));
            }
        }
        story
    }

    /// Does an act that must be new.
    pub(super) fn does(&mut self, act: Act) -> Revision {
        assert_eq!(self.state.check(&act, None), Ok(Checked::New), "{act}");
        let revision = self.state.revision().next();
        self.state.apply(&entry(revision, act));
        revision
    }

    /// Releases to everybody, or as a canary with these steps.
    pub(super) fn releases(&mut self, apps: &str, steps: &[u16]) -> ReleaseId {
        ReleaseId(self.does(release(apps, steps)).0)
    }

    pub(super) fn refuses(&self, act: &Act) -> Refusal {
        self.state.check(act, None).unwrap_err()
    }

    pub(super) fn stable(&self) -> String {
        self.state.stable().to_string()
    }
}

pub(super) fn entry(revision: Revision, act: Act) -> Entry {
    Entry {
        revision,
        at_ms: revision.0 * 1000,
        by: Actor::new("ci"),
        act,
        reason: None,
    }
}

pub(super) fn team(name: &str, apps: &str) -> Act {
    Act::TeamSet {
        team: name.parse().unwrap(),
        apps: names(apps),
        networks: vec![],
    }
}

pub(super) fn names(apps: &str) -> Vec<AppName> {
    apps.split_whitespace().map(|app| app.parse().unwrap()).collect()
}

pub(super) fn version(text: &str) -> AppVersion {
    text.parse().unwrap()
}

pub(super) fn versions(text: &str) -> Vec<AppVersion> {
    text.split_whitespace().map(version).collect()
}

pub(super) fn composition(text: &str) -> Composition {
    versions(text).into_iter().collect()
}

pub(super) fn file(path: &str, digit: char) -> VersionFile {
    VersionFile {
        path: path.into(),
        sha256: hash(digit),
        bytes: 7,
    }
}

pub(super) fn hash(digit: char) -> Sha256 {
    digit.to_string().repeat(64).parse().unwrap()
}

pub(super) fn publish(text: &str) -> Act {
    Act::VersionPublished {
        version: version(text),
        files: vec![file("marquetry.toml", 'a'), file("assets/x.js", 'b')],
        note: None,
    }
}

pub(super) fn release(apps: &str, steps: &[u16]) -> Act {
    let terms = CanaryTerms {
        audience: Audience::Share,
        steps: steps.to_vec(),
        every_s: Some(600),
    };
    Act::Released {
        apps: versions(apps),
        canary: (!steps.is_empty()).then_some(terms),
        analysis: AnalysisTerms::default(),
    }
}

pub(super) fn back(apps: &str, release: Option<ReleaseId>) -> Act {
    Act::RolledBack {
        apps: versions(apps),
        release,
    }
}

pub(super) fn token(id: &str, digit: char, team: Option<&str>, actions: &[Action]) -> TokenRecord {
    TokenRecord {
        id: id.parse().unwrap(),
        name: "ci".into(),
        sha256: hash(digit),
        team: team.map(|team| team.parse().unwrap()),
        apps: None,
        actions: actions.to_vec(),
        expires_at_ms: None,
    }
}
