//! `marquetry promote`: makes a canary live for everybody, or takes it to a later step.

use clap::Args;

use super::{
    acting::{self, Change},
    terms::{Share, Target},
};
use crate::{failure::Failure, session::Session};

/// End a canary well: its versions become live for everybody, or for the users of a later step
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Promote {
    /// The release, like `r57`, or the app whose canary it is
    #[arg(value_name = "RELEASE|APP")]
    target: Target,
    /// Go to the step with this share, as `25%`, and no further
    #[arg(long, value_name = "SHARE")]
    to: Option<Share>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry promote checkout
  marquetry promote checkout --to 25%
  marquetry promote r57 --reason \"two hours without a failure\"";

impl Promote {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let change = Change {
            call: "promote",
            done: if self.to.is_some() { "took further" } else { "promoted" },
            to: self.to,
            next: self.to.map(|_| "promote"),
        };
        acting::change(session, &self.target, change, self.reason.as_deref())
    }
}
