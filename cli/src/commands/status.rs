//! `marquetry status`: what is live for whom, where it runs, and how canaries fare.

use std::time::Duration;

use clap::Args;
use contract::{
    AppName,
    admin::{AppView, Status as Whole},
};

use super::{terms, waiting};
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
    #[arg(value_name = "APP", value_parser = terms::app)]
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
        let look = self.look(session.output, &client)?;
        session.output.print(&look.text).map_err(Failure::Stdout)
    }

    /// Ends with the first failure, but not when the composer is away for a moment.
    fn watch(&self, output: Output, client: &Client) -> Result<(), Failure> {
        let mut before = self.look(output, client)?;
        show(output, &before)?;
        loop {
            waiting::pause(LOOK_EVERY);
            let look = match self.look(output, client) {
                Err(Failure::Client(error)) if error.may_pass() => {
                    output.note(&format!("{error}\nlooking again…"));
                    continue;
                }
                looked => looked?,
            };
            if output.paints() || look.content != before.content {
                show(output, &look)?;
                before = look;
            }
        }
    }

    fn look(&self, output: Output, client: &Client) -> Result<Look, Failure> {
        if let (Some(app), true) = (&self.app, output.is_json()) {
            let text = client.app(app)?.text;
            return Ok(Look {
                content: text.clone(),
                text,
            });
        }
        let status = client.status()?;
        let text = match (&self.app, output.is_json()) {
            (_, true) => status.text.clone(),
            (Some(app), _) => view::app::text(output, &status, find(&status, app)?),
            (None, _) => view::overview::text(output, &status),
        };
        Ok(Look {
            content: content(status.into_value()),
            text,
        })
    }
}

/// What was seen, and how it is told.
struct Look {
    /// The same for the same state, whatever the clock says.
    content: String,
    text: String,
}

fn content(mut status: Whole) -> String {
    status.at_ms = 0;
    serde_json::to_string(&status).expect("the API's types are JSON")
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

fn show(output: Output, look: &Look) -> Result<(), Failure> {
    let told = if output.paints() {
        let now = time::moment(time::now_ms());
        output.print(&format!("{TOP_LEFT}{}\n{now}, every second; Ctrl-C ends it", look.text))
    } else {
        output.print(&look.text)
    };
    told.map_err(Failure::Stdout)
}
