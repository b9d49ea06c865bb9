//! Teams and tokens.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use contract::{
    AppName,
    admin::{Action, Sha256, TeamName, TokenId},
};
use subtle::ConstantTimeEq;

use super::Touched;
use crate::{
    act::TokenRecord,
    entry::{Actor, Entry},
};

/// A team, the owner of apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its name.
    pub name: TeamName,
    /// The apps that it owns.
    pub apps: Vec<AppName>,
    /// Networks in which its BFFs may run; empty for those of the platform.
    pub networks: Vec<String>,
    /// Its latest change.
    pub touched: Touched,
}

/// A token that was issued, over or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What was written down of it.
    pub record: TokenRecord,
    /// When it was issued.
    pub issued_at_ms: u64,
    /// By whom.
    pub issued_by: Actor,
    /// Who took it back, and when.
    pub revoked: Option<Touched>,
}

/// Why a token is not taken. Callers tell the one who asked no more than that it isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No token has this hash.
    #[error("the token is not known")]
    Unknown,
    /// It was taken back.
    #[error("the token was revoked")]
    Revoked,
    /// It has ended.
    #[error("the token has expired")]
    Expired,
}

impl Token {
    /// Tells whether it is allowed to do `action` at all.
    pub fn allows(&self, action: Action) -> bool {
        self.record.actions.contains(&action)
    }

    /// Compares the hash of a token's text in constant time, and checks that the token is valid at `now_ms`.
    ///
    /// # Errors
    /// It is another, was revoked, or has ended.
    pub fn check(&self, hash: &Sha256, now_ms: u64) -> Result<(), TokenError> {
        let same = self.record.sha256.as_str().as_bytes().ct_eq(hash.as_str().as_bytes());
        if !bool::from(same) {
            return Err(TokenError::Unknown);
        }
        if self.revoked.is_some() {
            return Err(TokenError::Revoked);
        }
        if self.record.expires_at_ms.is_some_and(|end| now_ms >= end) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Teams {
    pub(super) by_name: BTreeMap<TeamName, Arc<Team>>,
    pub(super) owner: BTreeMap<AppName, TeamName>,
}

impl Teams {
    pub(super) fn set(&mut self, team: Team) {
        self.owner.retain(|_, owner| *owner != team.name);
        for app in &team.apps {
            self.owner.insert(app.clone(), team.name.clone());
        }
        self.by_name.insert(team.name.clone(), Arc::new(team));
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    pub(super) by_id: BTreeMap<TokenId, Arc<Token>>,
    ids: HashMap<Sha256, TokenId>,
}

impl Tokens {
    pub(super) fn by_hash(&self, hash: &Sha256) -> Option<&Arc<Token>> {
        self.by_id.get(self.ids.get(hash)?)
    }

    pub(super) fn issue(&mut self, record: TokenRecord, entry: &Entry) {
        self.ids.insert(record.sha256.clone(), record.id.clone());
        let token = Token {
            record,
            issued_at_ms: entry.at_ms,
            issued_by: entry.by.clone(),
            revoked: None,
        };
        self.by_id.insert(token.record.id.clone(), Arc::new(token));
    }

    pub(super) fn revoke(&mut self, id: &TokenId, entry: &Entry) {
        if let Some(token) = self.by_id.get_mut(id) {
            Arc::make_mut(token).revoked = Some(entry.into());
        }
    }
}
