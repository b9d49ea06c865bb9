//! `marquetry reload`: the composer reads its configuration anew.

use clap::Args;
use contract::admin::ReloadReply;

use crate::{failure::Failure, output::clean, session::Session};

/// Let the composer read its configuration anew
///
/// What is valid counts at once and as a whole; when anything is wrong, all of it is told and the configuration of before
/// stays. What needs a restart is told too.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reload {}

const EXAMPLES: &str = "\
Examples:
  marquetry reload
  marquetry reload --json";

impl Reload {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let reply = session.client()?.reload()?;
        let told = session.output.done(&reply.text, || told(&reply));
        told.map_err(Failure::Stdout)
    }
}

fn told(reply: &ReloadReply) -> String {
    let list = |keys: &[String]| clean(&keys.join(", ")).into_owned();
    let mut text = match reply.changed.as_slice() {
        [] => "reloaded: nothing else counts now\n".to_owned(),
        changed => format!("reloaded: {}\n", list(changed)),
    };
    if !reply.needs_restart.is_empty() {
        text += &format!(
            "  counts from the next start on: {}\n  next: hand over with SIGUSR2, which refuses nobody\n",
            list(&reply.needs_restart)
        );
    }
    text
}
