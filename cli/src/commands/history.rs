//! `marquetry history`: who did what, when and why.

use clap::Args;
use contract::AppName;

use super::terms;
use crate::{client::HistoryQuery, failure::Failure, output::time, session::Session, view};

/// Show who did what, when and why; the newest first
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct History {
    /// Only what touched this app
    #[arg(value_name = "APP", value_parser = terms::app)]
    app: Option<AppName>,
    /// How many entries
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Only entries before this revision
    #[arg(long, value_name = "REVISION")]
    before: Option<u64>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry history
  marquetry history checkout --limit 50
  marquetry history --json | jq -r '.entries[] | [.at_ms, .by, .text] | @tsv'";

impl History {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let page = session.client()?.history(&HistoryQuery {
            app: self.app.clone(),
            before: self.before,
            limit: self.limit,
        })?;
        let older = match &self.app {
            Some(app) => format!("marquetry history {app} --limit {}", self.limit),
            None => format!("marquetry history --limit {}", self.limit),
        };
        let text = || view::history::text(session.output, &page, time::now_ms(), &older);
        session.output.result(&page.text, text).map_err(Failure::Stdout)
    }
}
