//! `marquetry team`: which team owns which apps.

use clap::{Args, Subcommand};
use contract::{
    AppName,
    admin::{NewTeam, TeamName},
};

use crate::{client::Client, failure::Failure, output::Tone, session::Session, view::access};

/// Make teams, and say which apps they own
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Team {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a team, or change what it owns; the lists replace those before
    Set {
        /// The team
        #[arg(value_name = "TEAM")]
        name: TeamName,
        /// All apps that it owns: `reviews,ratings`
        #[arg(long, alias = "app", required = true, value_name = "APPS", value_delimiter = ',')]
        apps: Vec<AppName>,
        /// A network that its BFFs may run in, as `10.1.0.0/16`; again for each; without it, those of the platform
        #[arg(long = "network", value_name = "CIDR")]
        networks: Vec<String>,
    },
    /// List the teams
    List,
}

const EXAMPLES: &str = "\
Examples:
  marquetry team set reviews-team --apps reviews
  marquetry team set reviews-team --apps reviews,ratings --network 10.1.0.0/16
  marquetry team list

An app belongs to one team at most; only apps that a team owns can be published.";

impl Team {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let client = session.client()?;
        match &self.command {
            Command::Set { name, apps, networks } => {
                let new = NewTeam {
                    apps: apps.clone(),
                    networks: networks.clone(),
                };
                set(session, &client, name, &new)
            }
            Command::List => {
                let teams = client.teams()?;
                let text = || access::teams(session.output, &teams);
                session.output.result(&teams.text, text).map_err(Failure::Stdout)
            }
        }
    }
}

fn set(session: &Session, client: &Client, name: &TeamName, new: &NewTeam) -> Result<(), Failure> {
    let team = client.set_team(name, new)?;
    let text = || {
        format!(
            "{} {}next: marquetry token issue --name \"ci of {name}\" --team {name} --actions read,publish,release\n",
            session.output.tone(Tone::Good, "set"),
            access::team(&team)
        )
    };
    session.output.done(&team.text, text).map_err(Failure::Stdout)
}
