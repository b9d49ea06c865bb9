//! The rules of each act.

mod accounts;
mod releases;
mod versions;

use std::collections::HashSet;

use super::{State, Touched};
use crate::{
    act::Act,
    entry::Revision,
    refusal::{Checked, Refusal, Rule},
};

/// How much of everything is kept.
pub mod limits {
    /// Canaries under way at once: each doubles the compositions that a release is checked with.
    pub const CANARIES: usize = 4;
    /// Apps in one release.
    pub const TRAIN: usize = 32;
    /// Steps of a canary.
    pub const STEPS: usize = 16;
    /// The longest waiting time of a step, in seconds.
    pub const EVERY_S: u64 = 30 * 24 * 3600;
    /// Teams.
    pub const TEAMS: usize = 1_000;
    /// Apps of a team.
    pub const TEAM_APPS: usize = 256;
    /// Networks of a team.
    pub const NETWORKS: usize = 64;
    /// Tokens that are not revoked.
    pub const TOKENS: usize = 10_000;
    /// Published versions.
    pub const VERSIONS: usize = 50_000;
    /// Files of a version.
    pub const FILES: usize = 4_096;
    /// Bytes of a file's path.
    pub const PATH_BYTES: usize = 512;
    /// Origins of a version.
    pub const ORIGINS: usize = 32;
    /// Bytes of a short text: a token's name, a cohort, a group, an origin.
    pub const TEXT_BYTES: usize = 256;
    /// Bytes of a reason and of a version's note.
    pub const REASON_BYTES: usize = 2_000;
    /// Versions that one act forgets.
    pub const FORGOTTEN: usize = 1_000;
}

impl State {
    /// Tells whether `act` may follow, for a caller that has looked at `if_revision`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] and [`Refusal::Rule`] by what is there; [`Refusal::Conflict`] when something that the act changes has
    /// changed since `if_revision`, unless everything is as the act wants it already.
    pub fn check(&self, act: &Act, if_revision: Option<Revision>) -> Result<Checked, Refusal> {
        let checked = self.check_rules(act);
        if let Ok(Checked::Unchanged(_)) = checked {
            return checked;
        }
        if let Some(seen) = if_revision {
            self.check_revision(act, seen)?;
        }
        checked
    }

    fn check_rules(&self, act: &Act) -> Result<Checked, Refusal> {
        match act {
            Act::TeamSet { team, apps, networks } => self.check_team(team, apps, networks),
            Act::TokenIssued { token } => self.check_token(token),
            Act::TokenRevoked { id } => self.check_revoke(id),
            Act::VersionPublished { version, files, note } => self.check_publish(version, files, note.as_deref()),
            Act::OriginsSet { version, origins } => self.check_origins(version, origins),
            Act::Released { apps, canary, analysis } => self.check_release(apps, canary.as_ref(), analysis),
            Act::CanaryStepped { release, step } => self.check_step(*release, *step),
            Act::CanaryPaused { release } => self.check_pause(*release),
            Act::CanaryResumed { release } => self.check_resume(*release),
            Act::Promoted { release } => self.check_promote(*release),
            Act::RolledBack { apps, release } => self.check_rollback(apps, *release),
            Act::VersionsForgotten { versions } => self.check_forget(versions),
            Act::OverrideOpened { id, version, .. } => self.check_override(id, version),
            Act::Recovered { evidence, .. } => {
                at_most("the evidence's path", limits::PATH_BYTES, evidence.len())?;
                Ok(Checked::New)
            }
        }
    }

    fn check_revision(&self, act: &Act, seen: Revision) -> Result<(), Refusal> {
        let (subject, touched): (String, Option<&Touched>) = match act {
            Act::TeamSet { team, .. } => (format!("team `{team}`"), self.team(team).map(|team| &team.touched)),
            Act::OriginsSet { version, .. } => (
                format!("`{version}`"),
                self.version(version).map(|found| &found.touched),
            ),
            Act::Released { .. }
            | Act::CanaryStepped { .. }
            | Act::CanaryPaused { .. }
            | Act::CanaryResumed { .. }
            | Act::Promoted { .. }
            | Act::RolledBack { .. } => self.newest_change(act),
            // Which one is the last of its kind hangs on those that are left.
            Act::TokenRevoked { .. } => ("the list of tokens".into(), self.last_revoked()),
            _ => return Ok(()),
        };
        match touched {
            Some(touched) if touched.revision > seen => Err(Refusal::Conflict {
                subject,
                by: touched.by.clone(),
                did: touched.did.to_string(),
                at_ms: touched.at_ms,
                revision: touched.revision,
                seen,
            }),
            _ => Ok(()),
        }
    }

    fn last_revoked(&self) -> Option<&Touched> {
        let revoked = self.tokens().filter_map(|token| token.revoked.as_ref());
        revoked.max_by_key(|touched| touched.revision)
    }

    fn newest_change(&self, act: &Act) -> (String, Option<&Touched>) {
        let apps = self.apps_of(act);
        let found = apps.iter().filter_map(|app| self.app(app));
        match found.max_by_key(|app| app.touched.revision) {
            Some(app) => (format!("app `{}`", app.name), Some(&app.touched)),
            None => (String::new(), None),
        }
    }
}

pub(super) fn at_most(what: &'static str, most: usize, got: usize) -> Result<(), Rule> {
    if got > most {
        return Err(Rule::TooMany { what, most, got });
    }
    Ok(())
}

pub(super) fn some(what: &'static str, count: usize) -> Result<(), Rule> {
    if count == 0 { Err(Rule::Empty(what)) } else { Ok(()) }
}

pub(super) fn each_once<'a, T: ToString + Eq + std::hash::Hash + 'a>(
    each: impl IntoIterator<Item = &'a T>,
) -> Result<(), Rule> {
    let mut seen = HashSet::new();
    match each.into_iter().find(|one| !seen.insert(*one)) {
        Some(twice) => Err(Rule::Twice(twice.to_string())),
        None => Ok(()),
    }
}

/// A text for people: something, not too long, on one line.
pub(super) fn is_text(what: &'static str, text: &str) -> Result<(), Rule> {
    some(what, text.trim().len())?;
    at_most(what, limits::TEXT_BYTES, text.len())?;
    if text.chars().any(char::is_control) {
        return Err(Rule::Control(what));
    }
    Ok(())
}
