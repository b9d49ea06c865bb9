//! Teams, tokens, and what these may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{TeamName, TokenId};
use crate::{AppName, NameError};

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// See status, history and pages.
    Read,
    /// Put files and publish versions.
    Publish,
    /// Release, promote, pause, roll back.
    Release,
    /// Announce instances of BFFs.
    Announce,
    /// Open overrides.
    Dev,
    /// Set teams, issue and revoke tokens, collect garbage; of the platform only.
    Admin,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Publish,
        Self::Release,
        Self::Announce,
        Self::Dev,
        Self::Admin,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Release => "release",
            Self::Announce => "announce",
            Self::Dev => "dev",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Action {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let found = Self::ALL.into_iter().find(|action| action.as_str() == text);
        found.ok_or_else(|| NameError::new(text, "be `read`, `publish`, `release`, `announce`, `dev` or `admin`"))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `GET /v1/whoami`: the token that asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoAmI {
    /// Its id.
    pub id: TokenId,
    /// What it was called when it was issued.
    pub name: String,
    /// Its team; `None` for the platform's own.
    pub team: Option<TeamName>,
    /// The apps that it may act on; `None` for all.
    pub apps: Option<Vec<AppName>>,
    /// What it may do.
    pub actions: Vec<Action>,
    /// When it ends.
    pub expires_at_ms: Option<u64>,
    /// The newest revision.
    pub revision: u64,
}

/// `PUT /v1/teams/{team}`: makes a team, or changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// All apps that it owns.
    pub apps: Vec<AppName>,
    /// Networks in which its BFFs may run, as `10.1.0.0/16`; empty for those of the platform.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    /// Its name.
    pub name: TeamName,
    /// The apps that it owns.
    pub apps: Vec<AppName>,
    /// Networks in which its BFFs may run; empty for those of the platform.
    pub networks: Vec<String>,
}

/// `POST /v1/tokens`: a token to issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, for people: `ci of reviews`.
    pub name: String,
    /// Its team; without one it is of the platform.
    #[serde(default)]
    pub team: Option<TeamName>,
    /// Only these apps of the team.
    #[serde(default)]
    pub apps: Option<Vec<AppName>>,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Seconds until it ends; without it it doesn't.
    #[serde(default)]
    pub expires_in_s: Option<u64>,
}

/// The reply to [`NewToken`], the only time that the secret is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// The token itself: `mq_…`.
    pub secret: String,
    /// What is known of it from now on.
    pub token: TokenView,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its team; `None` for the platform's own.
    pub team: Option<TeamName>,
    /// Only these apps.
    pub apps: Option<Vec<AppName>>,
    /// What it may do.
    pub actions: Vec<Action>,
    /// When it was issued.
    pub issued_at_ms: u64,
    /// By whom.
    pub issued_by: String,
    /// When it ends.
    pub expires_at_ms: Option<u64>,
    /// True when it was taken back.
    pub revoked: bool,
}
