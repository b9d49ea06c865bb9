//! The question before an act: what it will mean, by what is live now.

use bff_kit::RequestContext;
use contract::{
    AppVersion,
    admin::{AppView, Audience, NewRelease, ReleaseReply, ReleaseView, SHARE_ALL, Status},
};
use fragments_console::{Ask, Fields, Notice, Tone, percent, place, span};

use crate::{
    Console,
    act::{Act, Change, REASON, Verb},
    admin::AdminError,
    sessions::Visitor,
    shape, trouble, words,
};

/// Asks about `act`, which was read from `fields`. A release is tried first, without doing it.
pub(crate) async fn ask(
    console: &Console,
    visitor: &Visitor,
    context: &RequestContext,
    (act, fields): (Act, &Fields),
) -> Result<Ask, AdminError> {
    let calls = visitor.calls(context);
    let status: Status = console.admin.get(calls, "/v1/status").await?;
    let name = match &act {
        Act::Change(app, ..) => app,
        Act::Release(_, version) | Act::Rollback(version, _) => &version.app,
    };
    let app = status.apps.iter().find(|view| view.app == *name);
    let canary = app.and_then(|app| app.canary);
    let canary = status.canaries.iter().find(|release| Some(release.id) == canary);
    let mut ask = words_of(&act, app, canary);
    ask.back = place::app(name.as_str());
    ask.fields = fields.clone();
    ask.fields.remove(REASON);
    ask.fields.insert("revision".into(), status.revision.to_string());
    let forbidden = words::forbidden(&visitor.who, name);
    if !forbidden.is_empty() {
        refuse(&mut ask, "You can't do this", forbidden);
    } else if let Act::Release(release, _) = &act {
        let tried = console.admin.post(calls, "/v1/releases?dry_run=true", release).await;
        checked(&mut ask, tried)?;
    }
    Ok(ask)
}

fn words_of(act: &Act, app: Option<&AppView>, canary: Option<&ReleaseView>) -> Ask {
    match act {
        Act::Release(release, version) => {
            let stable = app.and_then(|app| app.stable.as_ref()).map(ToString::to_string);
            release_ask(
                release,
                &format!("{} {}", version.app, version.version),
                stable.as_deref(),
            )
        }
        Act::Change(app, release, change) => {
            let found = canary.filter(|canary| canary.id == *release);
            match found {
                Some(canary) => change_ask(change, canary),
                None => {
                    let mut ask = Ask {
                        title: format!("{release} is over"),
                        ..Ask::default()
                    };
                    let text = format!("It is no canary of {app} any more: it was promoted or withdrawn meanwhile.");
                    refuse(&mut ask, "Nothing to do", text);
                    ask
                }
            }
        }
        Act::Rollback(version, _) => {
            let stable = app.and_then(|app| app.stable.as_ref());
            let now = stable.map_or("nothing".into(), ToString::to_string);
            Ask {
                title: format!("Roll {} back to {}?", version.app, version.version),
                says: vec![
                    format!(
                        "{now} is live for everybody now. The next page that anybody opens has {}.",
                        version.version
                    ),
                    "Pages that are open already stay on the version they have, as long as it has instances.".into(),
                ],
                button: format!("Roll back to {}", version.version),
                danger: true,
                ..Ask::default()
            }
        }
    }
}

fn release_ask(release: &NewRelease, name: &str, stable: Option<&str>) -> Ask {
    let nothing = "Nothing of it is live now.".to_owned();
    let instead = stable.map_or(nothing, |stable| format!("{stable} is live for everybody now."));
    let others = match stable {
        Some(_) => "Everybody else stays on it.",
        None => "Everybody else sees pages without it.",
    };
    let Some(terms) = &release.canary else {
        return Ask {
            title: format!("Release {name} to everybody?"),
            says: vec![
                format!("{instead} The next page that anybody opens has the new version."),
                "Pages that are open already stay on the version they have, as long as it has instances.".into(),
            ],
            button: "Release to everybody".into(),
            ..Ask::default()
        };
    };
    let audience = words::audience(terms, None);
    let grows = match (&terms.audience, terms.every_s, &terms.steps[..]) {
        (Audience::Share, Some(every), [_, more @ ..]) => {
            let more = more.iter().filter(|step| **step < SHARE_ALL);
            let more: Vec<String> = more
                .map(|step| format!("It grows to {}. ", percent((*step).into())))
                .collect();
            format!(
                "Each step lasts {}. {}Then it is live for everybody.",
                span(every),
                more.concat()
            )
        }
        (Audience::Share, None, [_, _, ..]) => "It stays at its first step until someone takes it on.".into(),
        _ => "It stays like that until someone promotes it.".into(),
    };
    let limits = &release.analysis;
    Ask {
        title: format!("Release {name} to {audience}?"),
        says: vec![
            format!("{instead} {others}"),
            grows,
            format!(
                "It is withdrawn by itself when, of at least {} requests or pages, {} more fail than of stable, or browsers report {} more pages broken.",
                limits.min_sample,
                percent(limits.max_failures_bp.into()),
                percent(limits.max_reports_bp.into()),
            ),
        ],
        button: format!("Release to {audience}"),
        ..Ask::default()
    }
}

fn change_ask(change: &Change, canary: &ReleaseView) -> Ask {
    let (apps, stable) = (list(&canary.apps), list(&canary.stable));
    let audience = words::audience(&canary.canary, canary.share_bp);
    let verdict = shape::verdict(canary);
    let so_far = format!("{}: {}", verdict.title, verdict.text);
    let step = change.terms.step.and_then(|step| canary.canary.steps.get(step));
    let (title, meaning, button) = match change.verb {
        Verb::Promote if let Some(share) = step => (
            format!("Take {apps} to {} of users?", percent((*share).into())),
            format!("It is live for {audience} now. Nobody who has it loses it."),
            "Go on",
        ),
        Verb::Promote => (
            format!("Promote {apps} to everybody?"),
            format!("It is live for {audience} now; everybody else has {stable}."),
            "Promote to everybody",
        ),
        Verb::Pause => (
            format!("Pause the canary of {apps}?"),
            format!("It stays at {audience} until someone resumes it, and is watched and withdrawn as before."),
            "Pause",
        ),
        Verb::Resume => (
            format!("Resume the canary of {apps}?"),
            format!("It is live for {audience} now, and goes on with its steps."),
            "Resume",
        ),
        Verb::Abort => (
            format!("Withdraw {apps}?"),
            format!("It is live for {audience} now. They get {stable} with the next page that they open."),
            "Withdraw the canary",
        ),
    };
    Ask {
        title,
        says: vec![meaning, so_far],
        button: button.into(),
        danger: change.verb == Verb::Abort,
        ..Ask::default()
    }
}

fn list(versions: &[AppVersion]) -> String {
    let words = versions.iter().map(|each| format!("{} {}", each.app, each.version));
    words.collect::<Vec<_>>().join(", ")
}

/// What trying found; what refuses the release is told in place of the button.
fn checked(ask: &mut Ask, tried: Result<ReleaseReply, AdminError>) -> Result<(), AdminError> {
    match tried {
        Ok(reply) if reply.findings.is_empty() => ask.findings.push(Notice {
            tone: Tone::Good,
            title: "Checked".into(),
            text: "Nothing stands against it.".into(),
            ..Notice::default()
        }),
        Ok(reply) => ask.findings.extend(reply.findings.iter().map(trouble::finding)),
        Err(error) if error.signed_out() => return Err(error),
        Err(AdminError::Refused(problem)) if !problem.findings.is_empty() => {
            ask.refused = true;
            ask.findings.extend(problem.findings.iter().map(trouble::finding));
        }
        Err(error @ AdminError::Refused(_)) => {
            ask.refused = true;
            ask.findings.push(trouble::notice(&error));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn refuse(ask: &mut Ask, title: &str, text: String) {
    ask.refused = true;
    ask.findings.push(Notice {
        tone: Tone::Bad,
        title: title.into(),
        text,
        ..Notice::default()
    });
}
