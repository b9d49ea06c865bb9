//! The rules of teams and tokens.

use std::net::IpAddr;

use contract::{
    AppName,
    admin::{Action, TeamName, TokenId},
};

use super::{State, at_most, each_once, is_text, limits, some};
use crate::{
    act::TokenRecord,
    refusal::{Checked, Missing, Refusal, Rule},
};

impl State {
    pub(super) fn check_team(
        &self,
        name: &TeamName,
        apps: &[AppName],
        networks: &[String],
    ) -> Result<Checked, Refusal> {
        at_most("apps of a team", limits::TEAM_APPS, apps.len())?;
        at_most("networks of a team", limits::NETWORKS, networks.len())?;
        each_once(apps)?;
        each_once(networks)?;
        if let Some(network) = networks.iter().find(|network| !is_network(network)) {
            return Err(Rule::Network(network.chars().take(64).collect()).into());
        }
        for app in apps {
            if let Some(owner) = self.team_of(app).filter(|owner| owner.name != *name) {
                let (app, owner) = (app.clone(), owner.name.clone());
                return Err(Rule::Owned { app, owner }.into());
            }
        }
        let Some(team) = self.team(name) else {
            at_most("teams", limits::TEAMS, self.teams.by_name.len() + 1)?;
            return Ok(Checked::New);
        };
        if team.apps == apps && team.networks == networks {
            return Ok(Checked::Unchanged(team.touched.revision));
        }
        Ok(Checked::New)
    }

    pub(super) fn check_token(&self, token: &TokenRecord) -> Result<Checked, Refusal> {
        is_text("the token's name", &token.name)?;
        some("the token's actions", token.actions.len())?;
        each_once(&token.actions)?;
        let apps = token.apps.as_deref().unwrap_or_default();
        if token.apps.is_some() {
            some("the token's apps", apps.len())?;
        }
        at_most("apps of a token", limits::TEAM_APPS, apps.len())?;
        each_once(apps)?;
        if let Some(name) = &token.team {
            if self.team(name).is_none() {
                return Err(Missing::Team(name.clone()).into());
            }
            if token.actions.contains(&Action::Admin) {
                return Err(Rule::AdminOfTeam(name.clone()).into());
            }
            let foreign = |app: &&AppName| self.team_of(app).is_none_or(|owner| owner.name != *name);
            if let Some(app) = apps.iter().find(foreign) {
                let (app, team) = (app.clone(), name.clone());
                return Err(Rule::NotOfTeam { app, team }.into());
            }
        }
        if self.token(&token.id).is_some() || self.tokens.by_hash(&token.sha256).is_some() {
            return Err(Rule::TokenTaken(token.id.clone()).into());
        }
        let valid = self.tokens().filter(|each| each.revoked.is_none()).count();
        at_most("tokens that are not revoked", limits::TOKENS, valid + 1)?;
        Ok(Checked::New)
    }

    pub(super) fn check_revoke(&self, id: &TokenId) -> Result<Checked, Refusal> {
        let token = self.token(id).ok_or_else(|| Missing::Token(id.clone()))?;
        match &token.revoked {
            Some(revoked) => Ok(Checked::Unchanged(revoked.revision)),
            None => Ok(Checked::New),
        }
    }
}

/// `10.1.0.0/16`: an address, a length that fits it, and no bits beyond that length.
fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let plain = (1..=3).contains(&length.len()) && length.bytes().all(|b| b.is_ascii_digit());
    let (Ok(address), Ok(length), true) = (address.parse::<IpAddr>(), length.parse::<u32>(), plain) else {
        return false;
    };
    match address {
        IpAddr::V4(address) => length <= 32 && address.to_bits().checked_shl(length).unwrap_or(0) == 0,
        IpAddr::V6(address) => length <= 128 && address.to_bits().checked_shl(length).unwrap_or(0) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_an_address_and_a_length_that_fit() {
        for good in [
            "10.1.0.0/16",
            "127.0.0.1/32",
            "0.0.0.0/0",
            "::1/128",
            "fd00::/8",
            "::/0",
        ] {
            assert!(is_network(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "10.0.0.0",
            "10.1.2.3/16",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "::1/129",
            "::1/127",
            "host/8",
            "10.0.0.0/8/8",
            "10.0.0.0/0008",
        ] {
            assert!(!is_network(bad), "{bad}");
        }
    }
}
