//! `GET /v1/teams`, `PUT /v1/teams/{team}`: who owns which apps.

use axum::{Json, extract::State};
use composer_ledger::{Act, Team};
use contract::admin::{Action, NewTeam, TeamName, TeamView};

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Named, Sent},
        failure::Failure,
    },
    app::App,
};

/// Lists the teams; a team's token sees its own.
pub(crate) async fn get_teams(State(app): State<App>, caller: Caller) -> Result<Json<Vec<TeamView>>, Failure> {
    allows(&caller, Action::Read, &[])?;
    let facts = app.state()?;
    let sees = |team: &Team| caller.is_platform() || caller.team.as_ref() == Some(&team.name);
    let seen = facts.teams().filter(|team| sees(team));
    Ok(Json(seen.map(|team| view(team)).collect()))
}

/// Makes a team, or changes it as a whole.
pub(crate) async fn put_team(
    State(app): State<App>,
    caller: Caller,
    Named(name): Named<TeamName>,
    Sent(new): Sent<NewTeam>,
) -> Result<Json<TeamView>, Failure> {
    allows(&caller, Action::Admin, &[])?;
    let act = Act::TeamSet {
        team: name.clone(),
        apps: new.apps,
        networks: new.networks,
    };
    app.act(&caller, act, None, None).await?;
    let facts = app.state()?;
    let team = facts
        .team(&name)
        .ok_or_else(|| Failure::not_found(format!("there is no team `{name}`")))?;
    Ok(Json(view(team)))
}

fn view(team: &Team) -> TeamView {
    TeamView {
        name: team.name.clone(),
        apps: team.apps.clone(),
        networks: team.networks.clone(),
    }
}
