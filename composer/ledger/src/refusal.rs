//! Why an act is not done, and what to do next.

use contract::{
    AppName, AppVersion,
    admin::{ReleaseId, TeamName, TokenId},
};

use crate::{
    entry::{Actor, Revision},
    moment::Moment,
};

/// What a check found when it found nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The act may be done.
    New,
    /// Everything is so since this entry: nothing is left to do.
    Unchanged(Revision),
}

/// Why an act is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody else was faster.
    #[error(
        "{subject} has changed since revision {seen}: {by} {did} at {} (revision {revision}); look at what is live now and ask again with `if_revision` {revision}",
        Moment(*.at_ms)
    )]
    Conflict {
        /// What has changed: `app \`checkout\``.
        subject: String,
        /// Who changed it.
        by: Actor,
        /// What they did, in words.
        did: String,
        /// When.
        at_ms: u64,
        /// The entry.
        revision: Revision,
        /// What the caller had looked at.
        seen: Revision,
    },
    /// The act names something that isn't there.
    #[error(transparent)]
    NotFound(#[from] Missing),
    /// The act breaks a rule.
    #[error(transparent)]
    Rule(#[from] Rule),
}

/// What isn't there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// No team of that name.
    #[error("team `{0}` is not known; the platform makes it with `marquetry team set {0}`")]
    Team(TeamName),
    /// No token of that id.
    #[error("token `{0}` is not known; `marquetry token list` shows all")]
    Token(TokenId),
    /// Not published, or forgotten.
    #[error("`{0}` is not published; publish it first, `marquetry status` shows what is")]
    Version(AppVersion),
    /// Nothing of this app was ever live.
    #[error("app `{0}` has never been live; release a version of it first")]
    App(AppName),
    /// No such release.
    #[error("release `{0}` is not known; `marquetry history` shows all")]
    Release(ReleaseId),
}

/// Which rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// A list or a text is longer than what is kept.
    #[error("{what} may be at most {most}, not {got}")]
    TooMany {
        /// Of what there is too much.
        what: &'static str,
        /// The limit.
        most: usize,
        /// What was asked for.
        got: usize,
    },
    /// A list that may not be empty is.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// A text has a line break or another control character.
    #[error("{0} must not hold control characters")]
    Control(&'static str),
    /// Something is named twice.
    #[error("`{0}` is named twice; name it once")]
    Twice(String),
    /// Another team has the app.
    #[error("app `{app}` belongs to team `{owner}`; the platform must take it from that team first")]
    Owned {
        /// Which.
        app: AppName,
        /// Whose.
        owner: TeamName,
    },
    /// No team has the app.
    #[error("app `{0}` belongs to no team; ask the platform to claim it: `marquetry team set TEAM --app {0}`")]
    Unowned(AppName),
    /// Not a network.
    #[error("`{0}` must be a network like `10.1.0.0/16` or `fd00::/8`, without bits beyond its length")]
    Network(String),
    /// A second token with the same id or the same secret.
    #[error("token `{0}` is issued already; make another")]
    TokenTaken(TokenId),
    /// A token for an app that its team doesn't own.
    #[error("app `{app}` does not belong to team `{team}`; leave it out, or have the platform claim it for the team")]
    NotOfTeam {
        /// Which.
        app: AppName,
        /// Of which team.
        team: TeamName,
    },
    /// A team's token that could change the platform.
    #[error("a token of team `{0}` can't have the action `admin`; issue one without a team")]
    AdminOfTeam(TeamName),
    /// Other bytes under a published version.
    #[error(
        "`{version}` is published with other files (revision {revision}); a version never changes: publish a new one"
    )]
    Immutable {
        /// Which.
        version: AppVersion,
        /// When it was published.
        revision: Revision,
    },
    /// A path that can't be a file of a version folder.
    #[error("`{0}` must be a path within the version folder, with `/` between its parts")]
    Path(String),
    /// Not an origin.
    #[error("`{0}` must be an origin like `http://10.1.2.3:4103`: scheme, host, port, and nothing after it")]
    Origin(String),
    /// Live already for everybody.
    #[error("`{0}` is live for everybody already; there is nothing to try out")]
    AlreadyLive(AppVersion),
    /// The app has a canary under way.
    #[error(
        "app `{app}` has the canary `{release}` under way; promote it (`marquetry promote {release}`) or roll it back (`marquetry rollback {app}`) first"
    )]
    CanaryUnderWay {
        /// Which.
        app: AppName,
        /// The canary.
        release: ReleaseId,
    },
    /// Every canary doubles the compositions to check.
    #[error("{most} canaries are under way already; promote one or roll one back first")]
    TooManyCanaries {
        /// The limit.
        most: usize,
    },
    /// Steps that don't grow, or go beyond everybody.
    #[error("the steps of a canary must grow, each from 1 to 10,000 basis points; {0} breaks that")]
    Steps(u16),
    /// Cohorts and groups don't grow by steps.
    #[error("a canary for a cohort or a group has no steps; leave out `steps` and `every_s`")]
    StepsWithoutShare,
    /// A rollback of a canary together with something else.
    #[error("`{0}` is a canary under way: roll back its apps alone, then the others")]
    CanaryAmongOthers(ReleaseId),
    /// The release is over, or was never a canary.
    #[error("`{0}` is not a canary under way; `marquetry status` shows those that are")]
    NoCanary(ReleaseId),
    /// A step back, or one that doesn't exist.
    #[error("`{release}` can go from step {at} to one of its later steps up to {last} only, not to {to}")]
    Step {
        /// Which.
        release: ReleaseId,
        /// Where it stands, counted from 0.
        at: usize,
        /// Its last step.
        last: usize,
        /// What was asked for.
        to: usize,
    },
    /// A paused canary doesn't grow.
    #[error("`{0}` is paused; resume it first")]
    Paused(ReleaseId),
    /// Nothing to go back to.
    #[error("app `{0}` has had no other version before; name one with `--to`, or release a new one")]
    NothingBefore(AppName),
    /// The app has moved on since the release.
    #[error("`{release}` made `{was}` live, and that is not what is live now; roll the app back by name instead")]
    MovedOn {
        /// Which.
        release: ReleaseId,
        /// What it had made live.
        was: AppVersion,
    },
    /// The apps don't match the release that is taken back.
    #[error("`{0}` is a canary: to withdraw it, name no versions")]
    VersionsOfCanary(ReleaseId),
    /// Versions other than those before the release.
    #[error("taking `{0}` back puts back the versions before it, and no others; roll the apps back by name instead")]
    OthersThanBefore(ReleaseId),
    /// A live version must stay.
    #[error("`{0}` is live; it can be forgotten once nothing shows it any more")]
    StillLive(AppVersion),
}
