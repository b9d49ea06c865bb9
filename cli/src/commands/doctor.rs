//! `marquetry doctor`: what a person should look at.

use clap::Args;
use contract::admin::{Doctor as Report, Health, WhoAmI};

use crate::{
    client::{Client, Reply},
    failure::Failure,
    output::{Output, Tone, clean, time},
    session::Session,
    view::{access, findings},
};

/// Tell what a person should look at: the way to the composer, the token, the ledger, instances, versions
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {}

const EXAMPLES: &str = "\
Examples:
  marquetry doctor
  marquetry doctor --admin https://admin.shop.example --token-file ci.token

Exit code 1 says that something found is an error.";

impl Doctor {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let client = session.client()?;
        let report = client.doctor()?;
        let me = client.whoami()?;
        let text = || told(session.output, &client, &me, &report);
        session.output.result(&report.text, text).map_err(Failure::Stdout)?;
        if report.store.health == Health::Unavailable || findings::refuse(&report.findings) {
            return Err(Failure::Refused("something is wrong; see above".into()));
        }
        Ok(())
    }
}

fn told(output: Output, client: &Client, me: &Reply<WhoAmI>, report: &Report) -> String {
    let good = |what: &str| format!("{} {what}\n", output.tone(Tone::Good, "good:"));
    let mut text = good(&format!(
        "the composer at {} answers, version {}",
        client.address().as_str(),
        clean(&report.composer)
    ));
    text += &good(&access::whoami(me, time::now_ms()).trim_end().replace('\n', "\n     "));
    let store = &report.store;
    text += &match store.health {
        Health::Good => good("the ledger takes acts"),
        Health::Recovered => format!(
            "{} the ledger takes acts; it was damaged and has been made whole again: {}\n",
            output.tone(Tone::Attention, "look:"),
            clean(&store.text)
        ),
        Health::Unavailable => format!(
            "{} the ledger takes no acts, pages are served: {}\n",
            output.tone(Tone::Bad, "bad: "),
            clean(&store.text)
        ),
    };
    match report.findings.as_slice() {
        [] => text + &good("nothing else was found"),
        found => format!("{text}found:\n{}", findings::lines(output, found)),
    }
}
