//! Checks of origins before they are taken: their form, and where they lead.

use composer_fetch::{Networks, OriginTerms};
use composer_ledger::State;
use contract::{
    AppName, AppVersion,
    admin::{Finding, Severity},
};

use super::failure::Failure;
use crate::app::App;

/// Refuses origins that the app's team, as `facts` have it, may not have its BFFs at.
///
/// # Errors
/// Findings, one for each that is refused; or that the app belongs to nobody.
pub(super) fn check(app: &App, facts: &State, name: &AppName, origins: &[String]) -> Result<(), Failure> {
    if facts.team_of(name).is_none() {
        return Err(Failure::rule(format!(
            "app `{name}` belongs to no team: ask the platform to claim it"
        )));
    }
    let refused = origins
        .iter()
        .filter_map(|origin| app.check_origin(facts, name, origin).err());
    let findings: Vec<Finding> = refused
        .map(|error| Finding {
            severity: Severity::Error,
            rule: "origin".into(),
            at: name.to_string(),
            text: format!("{error}: the platform says where a team's BFFs may run, `marquetry team` shows it"),
        })
        .collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::findings(findings))
    }
}

/// Where a version may be asked: at `given`, or else where the ledger says, and at the instances that announced themselves.
/// Those that are known to be broken are left out while there are others.
pub(super) fn usable(app: &App, facts: &State, version: &AppVersion, given: Option<&[String]>) -> Vec<OriginTerms> {
    // The ledger takes no other networks; without any those of the platform hold.
    let networks = facts
        .team_of(&version.app)
        .and_then(|team| Networks::parse(&team.networks).ok())
        .unwrap_or_default();
    let published = facts.version(version).map(|found| found.origins.as_slice());
    let given = given.or(published).unwrap_or_default().iter().cloned();
    let leased = app.instances.of(version).into_iter().map(|instance| instance.origin);
    let all: Vec<String> = given.chain(leased).collect();
    let broken: Vec<String> = app
        .fleet
        .instances(version)
        .into_iter()
        .filter(is_broken)
        .map(|view| view.origin)
        .collect();
    let whole: Vec<String> = all.iter().filter(|origin| !broken.contains(origin)).cloned().collect();
    let chosen = if whole.is_empty() { all } else { whole };
    let terms = chosen.into_iter().map(|url| OriginTerms {
        url,
        networks: networks.clone(),
    });
    terms.collect()
}

/// True for an instance that gets no requests now.
pub(super) fn is_broken(view: &composer_fetch::InstanceView) -> bool {
    use composer_fetch::InstanceState::{Ejected, Unhealthy};
    matches!(view.state, Unhealthy | Ejected)
}
