//! `marquetry purge`: removes kept answers of an app's fragments.

use std::str::FromStr;

use clap::Args;
use contract::{
    AppName, AppVersion, NameError, Version,
    admin::{NewPurge, PurgeReply},
};

use crate::{failure::Failure, output::words, session::Session};

/// Remove what the composer keeps of an app's fragments
///
/// The next page asks the BFF again. A release needs no purge: versions share nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Purge {
    /// The app, or one version of it
    #[arg(value_name = "APP[@VERSION]")]
    what: What,
    /// Only answers with this tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry purge decide --tag product-AU-02
  marquetry purge decide --tag list --tag product-AU-02
  marquetry purge explore@1.4.2";

/// An app, maybe with a version.
#[derive(Debug, Clone)]
struct What {
    app: AppName,
    version: Option<Version>,
}

impl FromStr for What {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if !text.contains('@') {
            let app = text.parse()?;
            return Ok(Self { app, version: None });
        }
        let AppVersion { app, version } = text.parse()?;
        Ok(Self {
            app,
            version: Some(version),
        })
    }
}

impl Purge {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let reply = session.client()?.purge(&NewPurge {
            app: self.what.app.clone(),
            version: self.what.version.clone(),
            tags: self.tags.clone(),
        })?;
        let told = session.output.done(&reply.text, || self.told(&reply));
        told.map_err(Failure::Stdout)
    }

    fn told(&self, reply: &PurgeReply) -> String {
        let answers = words::count(usize::try_from(reply.purged).unwrap_or(usize::MAX), "kept answer");
        let of = match &self.what.version {
            Some(version) => format!("{}@{version}", self.what.app),
            None => self.what.app.to_string(),
        };
        let tagged = match self.tags.as_slice() {
            [] => String::new(),
            tags => format!(" with tag {}", tags.join(" or ")),
        };
        format!("removed {answers} of {of}{tagged}\n")
    }
}
