//! `marquetry status`: what is live for whom, where it runs, and how canaries fare.

use std::time::Duration;

use clap::Args;
use contract::{
    AppName,
    admin::{AppView, Status as Whole},
};

use super::waiting;
use crate::{
    client::{Client, Reply},
    failure::Failure,
    output::{Output, time},
    session::Session,
    view,
};

const LOOK_EVERY: Duration = Duration::from_secs(1);
const TOP_LEFT: &str = "\x1b[H\x1b[2J";

/// Show what is live for whom, where it runs, and how canaries fare
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// Only this app, with its versions and instances
    #[arg(value_name = "APP")]
    app: Option<AppName>,
    /// Look again every second, until Ctrl-C; with `--json`, a line for each change
    #[arg(long, short)]
    watch: bool,
}

const EXAMPLES: &str = "\
Examples:
  marquetry status
  marquetry status checkout
  marquetry status checkout --watch
  marquetry status --json | jq -r '.apps[] | .app + \" \" + (.stable // \"-\")'";

impl Status {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let client = session.client()?;
        if self.watch {
            return self.watch(session.output, &client);
        }
        let shown = self.look(session.output, &client)?;
        session.output.print(&shown).map_err(Failure::Stdout)
    }

    /// Ends with the first failure, but not when the composer is away for a moment.
    fn watch(&self, output: Output, client: &Client) -> Result<(), Failure> {
        let mut before = self.look(output, client)?;
        show(output, &before)?;
        loop {
            waiting::pause(LOOK_EVERY);
            let shown = match self.look(output, client) {
                Err(Failure::Client(error)) if error.may_pass() => {
                    output.note(&format!("{error}\nlooking again…"));
                    continue;
                }
                looked => looked?,
            };
            if shown != before {
                show(output, &shown)?;
                before = shown;
            }
        }
    }

    fn look(&self, output: Output, client: &Client) -> Result<String, Failure> {
        match (&self.app, output.is_json()) {
            (Some(app), true) => Ok(client.app(app)?.text),
            (None, true) => Ok(client.status()?.text),
            (app, false) => {
                let status = client.status()?;
                match app {
                    Some(app) => Ok(view::app::text(output, &status, find(&status, app)?)),
                    None => Ok(view::overview::text(output, &status)),
                }
            }
        }
    }
}

fn find<'s>(status: &'s Reply<Whole>, app: &AppName) -> Result<&'s AppView, Failure> {
    let known = || {
        let names: Vec<&str> = status.apps.iter().map(|each| each.app.as_str()).collect();
        match names.as_slice() {
            [] => "nothing is published yet".to_owned(),
            _ => format!("there are {}", names.join(", ")),
        }
    };
    let found = status.apps.iter().find(|each| each.app == *app);
    found.ok_or_else(|| Failure::Refused(format!("there is no app `{app}` to see; {}", known())))
}

fn show(output: Output, text: &str) -> Result<(), Failure> {
    let text = if output.paints() {
        format!(
            "{TOP_LEFT}{text}\n{}, every second; Ctrl-C ends it",
            time::moment(time::now_ms())
        )
    } else {
        text.to_owned()
    };
    output.print(&text).map_err(Failure::Stdout)
}
