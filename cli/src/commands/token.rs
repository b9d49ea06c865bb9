//! `marquetry token`: issues, lists and takes back tokens.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use contract::{
    AppName,
    admin::{Action, IssuedToken, NewToken, TeamName, TokenId},
};

use super::terms;
use crate::{
    client::{Client, Reply},
    failure::Failure,
    output::{Output, Tone, clean, time},
    session::Session,
    view::access,
};

/// Issue, list and revoke tokens
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Issue(Issue),
    /// List the tokens, without their secrets
    List,
    /// Take a token back; it counts no more from the next request on
    Revoke {
        /// Its id, like `3f9a12bc`: the part after `mq_`
        #[arg(value_name = "TOKEN")]
        id: TokenId,
    },
    /// Show what the token in use may do
    Whoami,
}

/// Make a token; its secret is told this once, and kept nowhere
#[derive(Debug, Args)]
#[command(after_help = ISSUE_EXAMPLES)]
struct Issue {
    /// What it is for: `ci of reviews`
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// Its team; without one it is the platform's, for all apps
    #[arg(long, value_name = "TEAM")]
    team: Option<TeamName>,
    /// Only these apps of the team
    #[arg(long, value_name = "APPS", value_delimiter = ',', requires = "team")]
    apps: Option<Vec<AppName>>,
    /// What it may do, of: read, publish, release, announce, dev, admin
    #[arg(long, required = true, value_name = "ACTIONS", value_delimiter = ',')]
    actions: Vec<Action>,
    /// When it ends: `90d`; without it, it doesn't
    #[arg(long, value_name = "TIME", value_parser = terms::length)]
    expires: Option<Duration>,
    /// Write the secret into a new file that only you can read, instead of to stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry token issue --name \"ci of reviews\" --team reviews-team --actions read,publish,release --out ci.token
  marquetry token list
  marquetry token revoke 3f9a12bc
  marquetry token whoami --token-file ci.token";

const ISSUE_EXAMPLES: &str = "\
Examples:
  marquetry token issue --name \"ci of reviews\" --team reviews-team --actions read,publish,release --out ci.token
  marquetry token issue --name \"bff of reviews\" --team reviews-team --apps reviews --actions announce --expires 90d --out bff.token
  marquetry token issue --name \"second admin\" --actions read,publish,release,announce,dev,admin --out admin.token

Without `--out`, the secret is all that stdout gets: SECRET=$(marquetry token issue …)";

impl Token {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let client = session.client()?;
        let output = session.output;
        let told = match &self.command {
            Command::Issue(issue) => return issue.run(output, &client),
            Command::List => {
                let tokens = client.tokens()?;
                output.result(&tokens.text, || access::tokens(output, &tokens, time::now_ms()))
            }
            Command::Revoke { id } => {
                let token = client.revoke_token(id)?;
                let done = output.tone(Tone::Good, "revoked");
                output.done(&token.text, || format!("{done} {id} \"{}\"\n", clean(&token.name)))
            }
            Command::Whoami => {
                let me = client.whoami()?;
                output.result(&me.text, || access::whoami(&me, time::now_ms()))
            }
        };
        told.map_err(Failure::Stdout)
    }
}

impl Issue {
    fn run(&self, output: Output, client: &Client) -> Result<(), Failure> {
        // Made first: a secret that can't be kept would be lost.
        let file = self.out.as_deref().map(create).transpose()?;
        let issued = client.issue_token(&self.terms());
        if let (Err(_), Some(path)) = (&issued, &self.out) {
            // It is empty, and was made here.
            let _ = std::fs::remove_file(path);
        }
        let issued = issued?;
        let told = match (file, &self.out) {
            (Some(mut file), Some(path)) => {
                writeln!(file, "{}", issued.secret).map_err(|error| unwritable(path, error))?;
                let json = serde_json::to_string(&issued.token).expect("the API's types are JSON");
                output.done(&json, || self.told(output, &issued, path))
            }
            _ => {
                output.note(&format!(
                    "issued {}; this is the only time that its secret is told:",
                    issued.token.id
                ));
                output.result(&issued.text, || issued.secret.clone())
            }
        };
        told.map_err(Failure::Stdout)
    }

    fn terms(&self) -> NewToken {
        NewToken {
            name: self.name.clone(),
            team: self.team.clone(),
            apps: self.apps.clone(),
            actions: self.actions.clone(),
            expires_in_s: self.expires.map(|length| length.as_secs()),
        }
    }

    fn told(&self, output: Output, issued: &Reply<IssuedToken>, path: &Path) -> String {
        format!(
            "{} {} into {}\nnext: marquetry token whoami --token-file {}\n",
            output.tone(Tone::Good, "issued"),
            issued.token.id,
            path.display(),
            path.display()
        )
    }
}

fn create(path: &Path) -> Result<std::fs::File, Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, source: std::io::Error) -> Failure {
    Failure::Io {
        what: format!("`{}` can't be written", path.display()),
        source,
    }
}
