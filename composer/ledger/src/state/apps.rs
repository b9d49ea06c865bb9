//! An app: what is live of it for everybody, and what was before.

use contract::{AppName, AppVersion, Version};

use super::Touched;

/// An app that is or was live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// The version for those who are in no canary; `None` while there has been a canary only.
    pub stable: Option<Version>,
    /// Since when it is.
    pub stable_since_ms: Option<u64>,
    /// The stable versions before, newest last; at most [`App::MAX_PREVIOUS`].
    pub previous: Vec<Version>,
    /// Its latest change by a release, a promotion, a pause or a rollback. Steps of a canary are none: they follow from its terms.
    pub touched: Touched,
}

impl App {
    /// Older stable versions are dropped; they can still be named by a rollback.
    pub const MAX_PREVIOUS: usize = 32;

    pub(super) fn new(name: AppName, touched: Touched) -> Self {
        Self {
            name,
            stable: None,
            stable_since_ms: None,
            previous: vec![],
            touched,
        }
    }

    /// The stable version with its app.
    pub fn stable_version(&self) -> Option<AppVersion> {
        self.stable.clone().map(|version| AppVersion {
            app: self.name.clone(),
            version,
        })
    }

    /// Goes on to `version`, and remembers where it was.
    pub(super) fn advance(&mut self, version: &Version, at_ms: u64) {
        if self.stable.as_ref() == Some(version) {
            return;
        }
        if let Some(before) = self.stable.replace(version.clone()) {
            self.previous.push(before);
        }
        if self.previous.len() > Self::MAX_PREVIOUS {
            self.previous.remove(0);
        }
        self.stable_since_ms = Some(at_ms);
    }

    /// Goes back to `version`: what came after it is no place to go back to any more.
    pub(super) fn go_back(&mut self, version: &Version, at_ms: u64) {
        if self.stable.as_ref() == Some(version) {
            return;
        }
        match self.previous.iter().rposition(|each| each == version) {
            Some(at) => {
                self.previous.truncate(at);
                self.stable = Some(version.clone());
                self.stable_since_ms = Some(at_ms);
            }
            None => self.advance(version, at_ms),
        }
    }
}
