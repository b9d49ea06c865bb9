//! `marquetry resume`: lets a paused canary grow on.

use clap::Args;

use super::{
    acting::{self, Change},
    terms::Target,
};
use crate::{failure::Failure, session::Session};

/// Let a paused canary grow on
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resume {
    /// The release, like `r57`, or the app whose canary it is
    #[arg(value_name = "RELEASE|APP")]
    target: Target,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry resume checkout
  marquetry resume r57 --reason \"the figures are fine\"";

impl Resume {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let change = Change {
            call: "resume",
            done: "resumed",
            to: None,
            next: None,
        };
        acting::change(session, &self.target, change, self.reason.as_deref())
    }
}
