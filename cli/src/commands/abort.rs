//! `marquetry abort`: withdraws a canary.

use clap::Args;

use super::{
    acting::{self, Change},
    terms::Target,
};
use crate::{failure::Failure, session::Session};

/// End a canary: everybody sees the stable versions again
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Abort {
    /// The release, like `r57`, or the app whose canary it is
    #[arg(value_name = "RELEASE|APP")]
    target: Target,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry abort checkout
  marquetry abort r57 --reason \"the new cart confuses people\"

A train is withdrawn whole.";

impl Abort {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let change = Change {
            call: "abort",
            done: "aborted",
            to: None,
            next: None,
        };
        acting::change(session, &self.target, change, self.reason.as_deref())
    }
}
