//! What acts on releases share: the look before, the wait until it is seen, the words after.

use std::time::Duration;

use contract::{
    AppName, AppVersion,
    admin::{ReleaseChange, ReleaseId, ReleaseReply, ReleaseView, Status},
};

use super::{
    terms::{Share, Target},
    waiting,
};
use crate::{
    client::{Client, Reply},
    failure::Failure,
    output::{Tone, words},
    session::Session,
    view::{self, findings},
};

const VISIBLE_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What there was to see before an act.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) revision: u64,
    /// `None` when the token may not read it.
    pub(super) status: Option<Reply<Status>>,
}

/// Looks at everything, or at the revision at least: a token that may release need not be one that may read.
pub(super) fn look(client: &Client) -> Result<Seen, Failure> {
    match client.status() {
        Ok(status) => Ok(Seen {
            revision: status.revision,
            status: Some(status),
        }),
        Err(error) if error.status() == Some(403) => Ok(Seen {
            revision: client.whoami()?.revision,
            status: None,
        }),
        Err(error) => Err(error.into()),
    }
}

/// Looks until this composer shows `revision`, also over a moment in which it is away: what is done is done.
pub(super) fn visible(client: &Client, revision: u64) -> Result<Seen, Failure> {
    let seen = waiting::until(VISIBLE_WITHIN, LOOK_EVERY, || match look(client) {
        Ok(seen) => Ok((seen.revision >= revision).then_some(seen)),
        Err(Failure::Client(error)) if error.may_pass() => Ok(None),
        Err(other) => Err(other),
    })?;
    seen.ok_or_else(|| {
        Failure::Refused(format!(
            "it is done, as revision {revision}, but {} does not show it after {} s; `marquetry doctor` may say why",
            client.address().as_str(),
            VISIBLE_WITHIN.as_secs()
        ))
    })
}

/// The release that is meant.
pub(super) fn release_of(client: &Client, target: &Target) -> Result<ReleaseId, Failure> {
    let app = match target {
        Target::Release(id) => return Ok(*id),
        Target::CanaryOf(app) => app,
    };
    let status = client.status()?;
    let found = status.canaries.iter().find(|each| of(each, app)).map(|each| each.id);
    found.ok_or_else(|| {
        Failure::Refused(format!(
            "no canary of `{app}` is under way; `marquetry status {app}` shows what is live"
        ))
    })
}

fn of(canary: &ReleaseView, app: &AppName) -> bool {
    canary.apps.iter().any(|each| each.app == *app)
}

/// `promote`, `pause`, `resume` and `abort`.
pub(super) fn change(session: &Session, target: &Target, change: Change, reason: Option<&str>) -> Result<(), Failure> {
    let client = session.client()?;
    let id = release_of(&client, target)?;
    let step = change.to.map(|share| step_with(&client, id, share)).transpose()?;
    let terms = ReleaseChange {
        reason: reason.map(str::to_owned),
        step,
    };
    let reply = client.change_release(id, change.call, &terms)?;
    let apps: Vec<AppName> = reply.live.iter().map(|each| each.app.clone()).collect();
    let act = Act {
        head: format!("{} {id}", session.output.tone(Tone::Good, change.done)),
        apps: &apps,
        next: change.next.map(|next| format!("marquetry {next} {id}")),
    };
    tell(session, &client, &reply, &act)
}

/// The step of a canary that has this share.
fn step_with(client: &Client, id: ReleaseId, Share(share_bp): Share) -> Result<usize, Failure> {
    let status = client.status()?;
    let canary = status.canaries.iter().find(|canary| canary.id == id);
    let steps = canary.map(|canary| canary.canary.steps.as_slice()).unwrap_or_default();
    steps.iter().position(|step| *step == share_bp).ok_or_else(|| {
        let steps: Vec<String> = steps.iter().map(|step| words::percent(*step)).collect();
        Failure::Refused(format!(
            "{id} has no step of that share; its steps are: {}",
            if steps.is_empty() {
                "none".to_owned()
            } else {
                steps.join(", ")
            }
        ))
    })
}

/// A change of a canary: the last part of its call, and how its success is told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change {
    pub(super) call: &'static str,
    pub(super) done: &'static str,
    /// The step to go to, by its share.
    pub(super) to: Option<Share>,
    /// The command that undoes it, or goes on.
    pub(super) next: Option<&'static str>,
}

/// What an act was, for those who are told of it.
#[derive(Debug)]
pub(super) struct Act<'a> {
    pub(super) head: String,
    pub(super) apps: &'a [AppName],
    pub(super) next: Option<String>,
}

/// Waits until the act is seen, then says what is live for whom.
pub(super) fn tell(
    session: &Session,
    client: &Client,
    reply: &Reply<ReleaseReply>,
    act: &Act<'_>,
) -> Result<(), Failure> {
    let seen = visible(client, reply.revision)?;
    let text = || {
        let live = match &seen.status {
            Some(status) => view::who_sees(status, act.apps),
            None => everybody(&reply.live),
        };
        let next = act
            .next
            .as_ref()
            .map_or(String::new(), |next| format!("next: {next}\n"));
        format!(
            "{}\n{}{live}{next}",
            act.head,
            findings::lines(session.output, &reply.findings)
        )
    };
    session.output.done(&reply.text, text).map_err(Failure::Stdout)
}

/// What a token that may not read is told.
fn everybody(live: &[AppVersion]) -> String {
    live.iter()
        .map(|each| format!("  {}  {} for everybody\n", each.app, each.version))
        .collect()
}
