//! `marquetry rollback`: goes back to an earlier version, or withdraws a canary.

use clap::Args;
use contract::{
    AppName, Version,
    admin::{NewRollback, Rollback as One},
};

use super::acting::{self, Act};
use crate::{failure::Failure, output::Tone, session::Session};

/// Go back: withdraw the app's canary, or else put the version back that was live before
///
/// With `--to`, any published version becomes live at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rollback {
    /// The app; several go back together
    #[arg(required = true, value_name = "APP")]
    apps: Vec<AppName>,
    /// The version to go to
    #[arg(long, value_name = "VERSION")]
    to: Option<Version>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Refuse if one of the apps has changed since this revision, instead of since just now
    #[arg(long, value_name = "REVISION")]
    if_revision: Option<u64>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry rollback checkout
  marquetry rollback checkout --to 1.3.0 --reason \"cart loses items\"
  marquetry rollback checkout decide";

impl Rollback {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        if self.to.is_some() && self.apps.len() > 1 {
            return Err(Failure::Usage("`--to` goes with one app only".into()));
        }
        let client = session.client()?;
        let seen = match self.if_revision {
            Some(revision) => revision,
            None => acting::look(&client)?.revision,
        };
        let reply = client.roll_back(&NewRollback {
            apps: self.apps.iter().map(|app| self.one(app)).collect(),
            if_revision: Some(seen),
            reason: self.reason.clone(),
        })?;
        let apps: Vec<&str> = self.apps.iter().map(AppName::as_str).collect();
        let act = Act {
            head: format!("{} {}", session.output.tone(Tone::Good, "rolled back"), apps.join(" ")),
            apps: &self.apps,
            next: None,
        };
        acting::tell(session, &client, &reply, &act)
    }

    fn one(&self, app: &AppName) -> One {
        One {
            app: app.clone(),
            to: self.to.clone(),
        }
    }
}
