//! `marquetry gc`: forgets versions that nobody has used for long.

use clap::Args;
use contract::admin::{GcReply, GcTerms};

use crate::{
    failure::Failure,
    output::{clean, words},
    session::Session,
};

/// Forget versions that nobody has used for long, and remove their files
///
/// Versions that are live, or that a rollback would put back, stay.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Gc {
    /// Only versions that have not been live for so many days, and have no instance now
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    unused_days: u32,
    /// Only tell what would go
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  marquetry gc --dry-run
  marquetry gc --unused-days 90";

impl Gc {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let reply = session.client()?.collect_garbage(&GcTerms {
            dry_run: self.dry_run,
            unused_days: self.unused_days,
        })?;
        let text = || self.told(&reply);
        let told = match self.dry_run {
            true => session.output.result(&reply.text, text),
            false => session.output.done(&reply.text, text),
        };
        told.map_err(Failure::Stdout)
    }

    fn told(&self, reply: &GcReply) -> String {
        let verb = if self.dry_run { "would remove" } else { "removed" };
        let versions = words::count(reply.versions.len(), "version");
        let files = words::count(usize::try_from(reply.files).unwrap_or(usize::MAX), "file");
        let mut text = format!(
            "{verb} {versions} and {files} ({}); {} stay\n",
            words::bytes(reply.bytes),
            reply.kept
        );
        for version in &reply.versions {
            text += &format!("  {}\n", clean(version));
        }
        text
    }
}
