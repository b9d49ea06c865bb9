//! `marquetry release`: makes versions live, for everybody or for some.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use clap::{ArgGroup, Args};
use contract::{
    AppName, AppVersion,
    admin::{AnalysisTerms, Audience, CanaryTerms, NewRelease, ReleaseId, ReleaseReply},
};

use super::{
    acting::{self, Act},
    terms::{self, OriginOf, Share},
};
use crate::{
    client::Reply,
    failure::Failure,
    output::Tone,
    session::Session,
    view::{audience, canary, findings},
};

/// Make versions live: for everybody at once, or as a canary for some users first
///
/// Several versions form a train: they become live together, and a user sees all or none of them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("whom").args(["canary", "steps", "cohort", "group"]))]
pub(crate) struct Release {
    /// What to make live: `checkout@1.4.2`, at most one version an app
    #[arg(required = true, value_name = "APP@VERSION")]
    apps: Vec<AppVersion>,
    /// Only for this share of the users, until it is promoted
    #[arg(long, value_name = "SHARE")]
    canary: Option<Share>,
    /// For growing shares of the users: `5%,25%,100%`
    #[arg(long, value_name = "SHARES", value_delimiter = ',')]
    steps: Vec<Share>,
    /// How long each step lasts: `10m`; without it, `marquetry promote` ends it
    #[arg(long, value_name = "TIME", requires = "steps", value_parser = terms::length)]
    every: Option<Duration>,
    /// Only for requests whose cohort header has this value
    #[arg(long, value_name = "NAME")]
    cohort: Option<String>,
    /// Only for users who are signed in to this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Where the BFF of one of the apps runs, if it doesn't announce itself; again for each
    #[arg(long = "origin", value_name = "APP=URL")]
    origins: Vec<OriginOf>,
    /// Judge a canary by no fewer requests or page views
    #[arg(long, value_name = "NUMBER", requires = "whom", default_value_t = AnalysisTerms::default().min_sample)]
    min_sample: u32,
    /// Take it back when its failures are this much above the stable version's
    #[arg(long, value_name = "SHARE", requires = "whom", default_value = "5%", value_parser = terms::limit)]
    max_failures: u16,
    /// Take it back when browsers' reports are this much above the stable version's
    #[arg(long, value_name = "SHARE", requires = "whom", default_value = "5%", value_parser = terms::limit)]
    max_reports: u16,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Check it only
    #[arg(long)]
    dry_run: bool,
    /// Refuse if one of the apps has changed since this revision, instead of since just now
    #[arg(long, value_name = "REVISION")]
    if_revision: Option<u64>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry release checkout@1.4.2
  marquetry release checkout@1.4.2 --canary 5%
  marquetry release checkout@1.4.2 decide@2.0.0 --steps 5%,25%,100% --every 10m --reason \"new cart\"
  marquetry release checkout@1.4.2 --cohort beta
  marquetry release checkout@1.4.2 --origin checkout=http://10.1.2.3:4103
  marquetry release checkout@1.4.2 --dry-run

A canary is taken back by itself when it fails more than the stable version does at the same time.
Exit code 5 says that somebody else changed one of the apps first.";

impl Release {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let mut new = self.terms()?;
        let client = session.client()?;
        if new.if_revision.is_none() {
            new.if_revision = Some(acting::look(&client)?.revision);
        }
        let reply = client.release(&new, self.dry_run)?;
        if self.dry_run {
            return self.tell_findings(session, &new, &reply);
        }
        let apps: Vec<AppName> = self.apps.iter().map(|each| each.app.clone()).collect();
        let head = match reply.release {
            Some(_) => format!("{} {}", session.output.tone(Tone::Good, "released"), told(&new, &reply)),
            None => format!("{} was live already: nothing has changed", canary::versions(&self.apps)),
        };
        let act = Act {
            head,
            apps: &apps,
            next: reply.release.map(|id| self.next(id)),
        };
        acting::tell(session, &client, &reply, &act)
    }

    fn terms(&self) -> Result<NewRelease, Failure> {
        let mut seen = HashSet::new();
        if let Some(twice) = self.apps.iter().find(|each| !seen.insert(&each.app)) {
            return Err(Failure::Usage(format!(
                "`{}` is given twice: a release has at most one version an app",
                twice.app
            )));
        }
        Ok(NewRelease {
            apps: self.apps.clone(),
            canary: self.canary_terms()?,
            analysis: AnalysisTerms {
                min_sample: self.min_sample,
                max_failures_bp: self.max_failures,
                max_reports_bp: self.max_reports,
            },
            origins: self.origins(&seen)?,
            if_revision: self.if_revision,
            reason: self.reason.clone(),
        })
    }

    fn canary_terms(&self) -> Result<Option<CanaryTerms>, Failure> {
        let shares: Vec<u16> = self.canary.iter().chain(&self.steps).map(|share| share.0).collect();
        if !shares.is_sorted_by(|a, b| a < b) {
            return Err(Failure::Usage(
                "`--steps` must grow, as in `--steps 5%,25%,100%`".into(),
            ));
        }
        let audience = match (&self.cohort, &self.group) {
            (Some(cohort), _) => Audience::Cohort(cohort.clone()),
            (_, Some(group)) => Audience::Group(group.clone()),
            _ if shares.is_empty() => return Ok(None),
            _ => Audience::Share,
        };
        Ok(Some(CanaryTerms {
            audience,
            steps: shares,
            every_s: self.every.map(|every| every.as_secs()),
        }))
    }

    fn origins(&self, released: &HashSet<&AppName>) -> Result<BTreeMap<AppName, Vec<String>>, Failure> {
        let mut origins: BTreeMap<AppName, Vec<String>> = BTreeMap::new();
        for OriginOf { app, origin } in &self.origins {
            if !released.contains(app) {
                return Err(Failure::Usage(format!(
                    "`--origin {app}={origin}`: `{app}` is not released here"
                )));
            }
            origins.entry(app.clone()).or_default().push(origin.clone());
        }
        Ok(origins)
    }

    fn tell_findings(&self, session: &Session, new: &NewRelease, reply: &Reply<ReleaseReply>) -> Result<(), Failure> {
        let refused = findings::refuse(&reply.findings);
        let text = || {
            let verdict = if refused {
                "would be refused"
            } else {
                "could be released"
            };
            let found = findings::lines(session.output, &reply.findings);
            format!("{} {verdict}; nothing is released\n{found}", told(new, reply))
        };
        session.output.done(&reply.text, text).map_err(Failure::Stdout)?;
        if refused {
            return Err(Failure::Refused("it can't be released as it is".into()));
        }
        Ok(())
    }

    fn next(&self, id: ReleaseId) -> String {
        let app = &self.apps[0].app;
        if self.is_canary() {
            format!("marquetry status {app} --watch, then marquetry promote {id} or marquetry abort {id}")
        } else {
            format!("marquetry status {app}; marquetry rollback {app} takes it back")
        }
    }

    fn is_canary(&self) -> bool {
        self.canary.is_some() || !self.steps.is_empty() || self.cohort.is_some() || self.group.is_some()
    }
}

fn told(new: &NewRelease, reply: &ReleaseReply) -> String {
    let versions = canary::versions(&new.apps);
    let whom = new
        .canary
        .as_ref()
        .map_or("everybody".into(), |terms| audience(terms, None));
    match reply.release {
        Some(id) => format!("{versions} to {whom} as {id}"),
        None => format!("{versions} to {whom}"),
    }
}
