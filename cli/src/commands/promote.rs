//! `marquetry promote`: makes a canary live for everybody.

use clap::Args;

use super::{
    acting::{self, Change},
    terms::Target,
};
use crate::{failure::Failure, session::Session};

/// End a canary well: its versions become live for everybody
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Promote {
    /// The release, like `r57`, or the app whose canary it is
    #[arg(value_name = "RELEASE|APP")]
    target: Target,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry promote checkout
  marquetry promote r57 --reason \"two hours without a failure\"";

impl Promote {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let change = Change {
            call: "promote",
            done: "promoted",
            next: None,
        };
        acting::change(session, &self.target, change, self.reason.as_deref())
    }
}
