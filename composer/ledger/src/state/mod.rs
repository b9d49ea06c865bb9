//! What all acts up to a revision add up to.

mod accounts;
mod apps;
mod apply;
mod check;
mod choose;
mod release;
mod rollback;
mod touched;
mod versions;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use contract::{
    AppName, AppVersion, Composition,
    admin::{ReleaseId, Sha256, TeamName, TokenId},
};

use crate::{act::Act, entry::Revision};

pub use accounts::{Team, Token, TokenError};
pub use apps::App;
pub use check::limits;
pub use choose::{Audience, bucket};
pub use release::{Canary, Course, Release};
pub use touched::Touched;
pub use versions::Published;

use accounts::{Teams, Tokens};
use versions::Versions;

/// The state of everything at a revision. A clone shares what it holds, and is cheap.
#[derive(Debug, Clone, Default)]
pub struct State {
    revision: Revision,
    at_ms: u64,
    teams: Arc<Teams>,
    tokens: Arc<Tokens>,
    versions: Arc<Versions>,
    apps: Arc<BTreeMap<AppName, Arc<App>>>,
    canaries: Arc<BTreeMap<ReleaseId, Arc<Canary>>>,
    releases: Arc<BTreeMap<ReleaseId, Arc<Release>>>,
}

impl State {
    /// The newest entry that is in it.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// When that entry was made.
    pub fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// What is live for those who are in no canary.
    pub fn stable(&self) -> Composition {
        self.stable_versions().collect()
    }

    fn stable_versions(&self) -> impl Iterator<Item = AppVersion> {
        self.apps.values().filter_map(|app| app.stable_version())
    }

    /// All versions that are live for somebody.
    pub fn live_versions(&self) -> BTreeSet<AppVersion> {
        let canaries = self.canaries.values().flat_map(|canary| canary.apps.iter().cloned());
        self.stable_versions().chain(canaries).collect()
    }

    /// The apps that are or were live, by name.
    pub fn apps(&self) -> impl Iterator<Item = &Arc<App>> {
        self.apps.values()
    }

    /// An app that is or was live.
    pub fn app(&self, app: &AppName) -> Option<&Arc<App>> {
        self.apps.get(app)
    }

    /// The canaries under way, oldest first.
    pub fn canaries(&self) -> impl Iterator<Item = &Arc<Canary>> {
        self.canaries.values()
    }

    /// A canary that is under way.
    pub fn canary(&self, release: ReleaseId) -> Option<&Arc<Canary>> {
        self.canaries.get(&release)
    }

    /// The canary that is under way for `app`.
    pub fn canary_of(&self, app: &AppName) -> Option<&Arc<Canary>> {
        self.canaries
            .values()
            .find(|canary| canary.apps.iter().any(|each| each.app == *app))
    }

    /// All releases ever, oldest first.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = &Arc<Release>> {
        self.releases.values()
    }

    /// A release, over or not.
    pub fn release(&self, release: ReleaseId) -> Option<&Arc<Release>> {
        self.releases.get(&release)
    }

    /// The published versions, by app and version as text.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Published>> {
        self.versions.published.values()
    }

    /// The published versions of `app`, in the order in which they were published.
    pub fn versions_of(&self, app: &AppName) -> Vec<&Arc<Published>> {
        let mut found: Vec<_> = self.versions().filter(|each| each.version.app == *app).collect();
        found.sort_by_key(|each| each.revision);
        found
    }

    /// A published version.
    pub fn version(&self, version: &AppVersion) -> Option<&Arc<Published>> {
        self.versions.published.get(version)
    }

    /// The teams, by name.
    pub fn teams(&self) -> impl Iterator<Item = &Arc<Team>> {
        self.teams.by_name.values()
    }

    /// A team.
    pub fn team(&self, team: &TeamName) -> Option<&Arc<Team>> {
        self.teams.by_name.get(team)
    }

    /// The team that owns `app`.
    pub fn team_of(&self, app: &AppName) -> Option<&Arc<Team>> {
        self.team(self.teams.owner.get(app)?)
    }

    /// All tokens, those that are over included, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &Arc<Token>> {
        self.tokens.by_id.values()
    }

    /// A token, over or not.
    pub fn token(&self, id: &TokenId) -> Option<&Arc<Token>> {
        self.tokens.by_id.get(id)
    }

    /// The token whose text has this hash, if it is valid at `now_ms`.
    ///
    /// # Errors
    /// It is not known, was revoked, or has ended.
    pub fn token_by_hash(&self, hash: &Sha256, now_ms: u64) -> Result<&Arc<Token>, TokenError> {
        let token = self.tokens.by_hash(hash).ok_or(TokenError::Unknown)?;
        token.check(hash, now_ms).map(|()| token)
    }

    /// Tells whether `token` may act on `app`: as one of the platform's, or by its team and its own list.
    pub fn token_reaches(&self, token: &Token, app: &AppName) -> bool {
        let listed = token
            .record
            .apps
            .as_ref()
            .is_none_or(|apps| apps.iter().any(|each| each == app));
        let owned = token
            .record
            .team
            .as_ref()
            .is_none_or(|team| self.teams.owner.get(app) == Some(team));
        listed && owned
    }

    /// The apps that `act` is about, each once; those of its release included.
    pub fn apps_of(&self, act: &Act) -> Vec<AppName> {
        let of = |versions: &[AppVersion]| versions.iter().map(|each| each.app.clone()).collect::<Vec<_>>();
        let mut found = match act {
            Act::TeamSet { apps, .. } => apps.clone(),
            Act::TokenIssued { token } => token.apps.clone().unwrap_or_default(),
            Act::VersionPublished { version, .. }
            | Act::OriginsSet { version, .. }
            | Act::OverrideOpened { version, .. } => vec![version.app.clone()],
            Act::Released { apps, .. } | Act::RolledBack { apps, .. } => of(apps),
            Act::VersionsForgotten { versions } => of(versions),
            _ => vec![],
        };
        if let Some(release) = act.release().and_then(|id| self.release(id)) {
            found.extend(of(&release.apps));
        }
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests;
