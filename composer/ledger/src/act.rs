//! What may be done, as it is written down for ever.

use std::fmt;

use contract::{
    AppName, AppVersion,
    admin::{Action, AnalysisTerms, Audience, CanaryTerms, ReleaseId, Sha256, TeamName, TokenId, VersionFile},
};
use serde::{Deserialize, Serialize};

/// One act. The serialised form is durable: `docs/ledger.md` shows each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// A team is made, or changed.
    TeamSet {
        /// Which.
        team: TeamName,
        /// All apps that it owns from now on.
        apps: Vec<AppName>,
        /// Networks in which its BFFs may run; empty for those of the platform.
        networks: Vec<String>,
    },
    /// A token is valid from now on.
    TokenIssued {
        /// What is known of it.
        token: TokenRecord,
    },
    /// A token is not valid any more.
    TokenRevoked {
        /// Which.
        id: TokenId,
    },
    /// A version is there to be released; it never changes again.
    VersionPublished {
        /// Which.
        version: AppVersion,
        /// All its files.
        files: Vec<VersionFile>,
        /// Where it comes from, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A version's BFF runs at these places, beside the instances that announce themselves.
    OriginsSet {
        /// Which.
        version: AppVersion,
        /// All of them.
        origins: Vec<String>,
    },
    /// Versions become live: for everybody, or for the users of a canary.
    Released {
        /// The train, at most one version an app.
        apps: Vec<AppVersion>,
        /// For whom; `None` for everybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        canary: Option<CanaryTerms>,
        /// When the canary has failed.
        analysis: AnalysisTerms,
    },
    /// A canary reaches the share of a later step.
    CanaryStepped {
        /// Which.
        release: ReleaseId,
        /// The step, counted from 0.
        step: usize,
    },
    /// A canary stays as it is.
    CanaryPaused {
        /// Which.
        release: ReleaseId,
    },
    /// A canary goes on.
    CanaryResumed {
        /// Which.
        release: ReleaseId,
    },
    /// A canary's versions become those for everybody.
    Promoted {
        /// Which.
        release: ReleaseId,
    },
    /// A canary is withdrawn, or earlier versions are put back.
    RolledBack {
        /// The versions that are for everybody from now on; empty when a canary is withdrawn.
        apps: Vec<AppVersion>,
        /// The release that is taken back, when one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        release: Option<ReleaseId>,
    },
    /// Versions that nobody used for long are gone.
    VersionsForgotten {
        /// Which.
        versions: Vec<AppVersion>,
    },
    /// One developer sees a version of an own in place of the live one.
    OverrideOpened {
        /// The override.
        id: String,
        /// What is shown.
        version: AppVersion,
        /// Its hard end.
        expires_at_ms: u64,
    },
    /// The store was damaged and has been made whole again.
    Recovered {
        /// Entries that are known to have been there and could not be read any more.
        lost: u64,
        /// The folder with what was damaged, within the data folder; empty when nothing was left to keep.
        evidence: String,
    },
}

/// A token as the ledger knows it: never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// Its public part.
    pub id: TokenId,
    /// What it is for, for people.
    pub name: String,
    /// SHA-256 of the whole text.
    pub sha256: Sha256,
    /// Its team; `None` for the platform's own.
    pub team: Option<TeamName>,
    /// Only these apps of the team.
    pub apps: Option<Vec<AppName>>,
    /// What it may do.
    pub actions: Vec<Action>,
    /// When it ends.
    pub expires_at_ms: Option<u64>,
}

impl Act {
    /// The act's kind, as in its serialised form: `rolled-back`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TeamSet { .. } => "team-set",
            Self::TokenIssued { .. } => "token-issued",
            Self::TokenRevoked { .. } => "token-revoked",
            Self::VersionPublished { .. } => "version-published",
            Self::OriginsSet { .. } => "origins-set",
            Self::Released { .. } => "released",
            Self::CanaryStepped { .. } => "canary-stepped",
            Self::CanaryPaused { .. } => "canary-paused",
            Self::CanaryResumed { .. } => "canary-resumed",
            Self::Promoted { .. } => "promoted",
            Self::RolledBack { .. } => "rolled-back",
            Self::VersionsForgotten { .. } => "versions-forgotten",
            Self::OverrideOpened { .. } => "override-opened",
            Self::Recovered { .. } => "recovered",
        }
    }

    /// The release that the act names, if it does; a `Released` act is named by its entry.
    pub fn release(&self) -> Option<ReleaseId> {
        match self {
            Self::CanaryStepped { release, .. }
            | Self::CanaryPaused { release }
            | Self::CanaryResumed { release }
            | Self::Promoted { release } => Some(*release),
            Self::RolledBack { release, .. } => *release,
            _ => None,
        }
    }
}

/// The act in words, for histories: `released checkout@1.4.2 to 5 % of users`.
impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TeamSet { team, apps, .. } if apps.is_empty() => write!(f, "set team {team} without apps"),
            Self::TeamSet { team, apps, .. } => write!(f, "set team {team}, which owns {}", list(apps)),
            Self::TokenIssued { token } => write!(f, "issued token {} ({})", token.id, token.name),
            Self::TokenRevoked { id } => write!(f, "revoked token {id}"),
            Self::VersionPublished { version, .. } => write!(f, "published {version}"),
            Self::OriginsSet { version, origins } => write!(f, "set the origins of {version}: {}", list(origins)),
            Self::Released { apps, canary: None, .. } => write!(f, "released {}", list(apps)),
            Self::Released {
                apps,
                canary: Some(terms),
                ..
            } => write!(f, "released {} to {}", list(apps), whom(terms)),
            Self::CanaryStepped { release, step } => write!(f, "took {release} to step {}", step + 1),
            Self::CanaryPaused { release } => write!(f, "paused {release}"),
            Self::CanaryResumed { release } => write!(f, "resumed {release}"),
            Self::Promoted { release } => write!(f, "promoted {release}"),
            Self::RolledBack {
                apps,
                release: Some(release),
            } if apps.is_empty() => write!(f, "withdrew {release}"),
            Self::RolledBack {
                apps,
                release: Some(release),
            } => write!(f, "took {release} back, to {}", list(apps)),
            Self::RolledBack { apps, release: None } => write!(f, "rolled back to {}", list(apps)),
            Self::VersionsForgotten { versions } => write!(f, "forgot {}", list(versions)),
            Self::OverrideOpened { id, version, .. } => write!(f, "opened override {id} with {version}"),
            Self::Recovered { lost: 0, .. } => f.write_str("recovered the ledger whole"),
            Self::Recovered { lost, .. } => write!(f, "recovered the ledger, without {lost} entries"),
        }
    }
}

fn list<T: ToString>(each: &[T]) -> String {
    each.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn whom(terms: &CanaryTerms) -> String {
    match &terms.audience {
        Audience::Share => {
            let share = terms.steps.first().copied().unwrap_or_default();
            let (whole, part) = (share / 100, share % 100);
            if part == 0 {
                format!("{whole} % of users")
            } else {
                format!("{whole}.{part:02} % of users")
            }
        }
        Audience::Cohort(cohort) => format!("cohort {cohort}"),
        Audience::Group(group) => format!("group {group}"),
    }
}
