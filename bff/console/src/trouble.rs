//! What failures of the admin API say to people.

use bff_kit::Problem;
use contract::admin::{Finding, ProblemReply, Severity};
use fragments_console::{Notice, Tone};
use http::StatusCode;

use crate::admin::AdminError;

const LOOK_AGAIN: &str = "This page shows what is there now; look at it before you act again.";

/// The failure, to be shown on a page.
pub(crate) fn notice(error: &AdminError) -> Notice {
    let (title, text) = words(error);
    Notice {
        tone: Tone::Bad,
        title,
        text,
        ..Notice::default()
    }
}

/// The failure, as the reply to a script.
pub(crate) fn problem(error: AdminError) -> Problem {
    let (title, text) = words(&error);
    let problem = Problem::new(error.status().unwrap_or(StatusCode::BAD_GATEWAY));
    let problem = problem.title(title).detail(text);
    match error {
        AdminError::Refused(_) => problem,
        other => problem.cause(other),
    }
}

/// The status of a page that can't show what it should. A page that fails with 5xx would be the composer's, so it is none.
pub(crate) fn page_status(error: &AdminError) -> StatusCode {
    error
        .status()
        .filter(|status| status.is_client_error())
        .unwrap_or(StatusCode::OK)
}

/// Something that a check found.
pub(crate) fn finding(finding: &Finding) -> Notice {
    Notice {
        tone: match finding.severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warn,
        },
        title: format!("{}: {}", finding.at, finding.rule),
        text: finding.text.clone(),
        ..Notice::default()
    }
}

fn words(error: &AdminError) -> (String, String) {
    match error {
        AdminError::Unreachable { sent: true, .. } => (
            "The admin API did not answer in time".into(),
            "If this was an act, it may have been done all the same: look at the history before you act again.".into(),
        ),
        AdminError::Origin(_) | AdminError::Unreachable { .. } => (
            "The admin API does not answer".into(),
            "Pages are served on; nothing can be seen or done here until it is back.".into(),
        ),
        AdminError::NotUnderstood { .. } => (
            "The admin API was not understood".into(),
            "Console and composer may be of versions that do not fit. The console's log says what differed.".into(),
        ),
        AdminError::Refused(problem) => refusal(problem),
    }
}

fn refusal(problem: &ProblemReply) -> (String, String) {
    let detail = sentence(&problem.detail);
    match problem.status {
        401 => (
            "You are signed out".into(),
            format!("Your token does not count any more. {detail}"),
        ),
        403 => ("Your token may not do this".into(), detail),
        404 => ("There is no such thing".into(), detail),
        409 => ("Someone else acted first".into(), format!("{detail} {LOOK_AGAIN}")),
        422 => {
            let findings = problem
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error);
            let findings: Vec<String> = findings
                .map(|finding| format!("{}: {}", finding.at, finding.text))
                .collect();
            let text = if findings.len() > 1 {
                findings.join(" · ")
            } else {
                detail
            };
            ("That is not possible now".into(), text)
        }
        429 => ("Too much at once".into(), "Please try again in a moment.".into()),
        503 => (
            "The ledger can't be written now".into(),
            format!("Nothing was done; pages are served on. {detail}"),
        ),
        _ => (problem.title.clone(), detail),
    }
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), letters.as_str())
}
