//! `marquetry pause`: keeps a canary as it is.

use clap::Args;

use super::{
    acting::{self, Change},
    terms::Target,
};
use crate::{failure::Failure, session::Session};

/// Let a canary stay as it is: it is watched on, but no longer grows
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Pause {
    /// The release, like `r57`, or the app whose canary it is
    #[arg(value_name = "RELEASE|APP")]
    target: Target,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry pause checkout
  marquetry pause r57 --reason \"watching the payment figures\"

Pausing keeps the users that it has.";

impl Pause {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let change = Change {
            call: "pause",
            done: "paused",
            to: None,
            next: Some("resume"),
        };
        acting::change(session, &self.target, change, self.reason.as_deref())
    }
}
