//! `marquetry rollback`: goes back to an earlier version, or withdraws a canary.

use clap::Args;
use contract::{
    AppName, Version,
    admin::{NewRollback, Rollback as One},
};

use super::{
    acting::{self, Act},
    terms::Earlier,
};
use crate::{failure::Failure, output::Tone, session::Session};

/// Go back: withdraw the app's canary, or else put the version back that was live before
///
/// With `--to`, any published version becomes live at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rollback {
    /// The app, or the app at the version to go to: `checkout`, `checkout@1.3.0`; several go back together
    #[arg(required = true, value_name = "APP[@VERSION]")]
    apps: Vec<Earlier>,
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
  marquetry rollback checkout decide
  marquetry rollback checkout@1.3.0 decide@1.9.0";

impl Rollback {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        if self.to.is_some() && (self.apps.len() > 1 || self.apps[0].to.is_some()) {
            let rule = "`--to` goes with one app, without a version behind it";
            return Err(Failure::Usage(rule.into()));
        }
        let client = session.client()?;
        let seen = match self.if_revision {
            Some(revision) => revision,
            None => acting::look(&client)?.revision,
        };
        let reply = client.roll_back(&NewRollback {
            apps: self.apps.iter().map(|each| self.one(each)).collect(),
            if_revision: Some(seen),
            reason: self.reason.clone(),
        })?;
        let apps: Vec<AppName> = self.apps.iter().map(|each| each.app.clone()).collect();
        let names: Vec<&str> = apps.iter().map(AppName::as_str).collect();
        let act = Act {
            head: format!("{} {}", session.output.tone(Tone::Good, "rolled back"), names.join(" ")),
            apps: &apps,
            next: None,
        };
        acting::tell(session, &client, &reply, &act)
    }

    fn one(&self, earlier: &Earlier) -> One {
        One {
            app: earlier.app.clone(),
            to: earlier.to.clone().or_else(|| self.to.clone()),
        }
    }
}
