//! From the fields of a form to an act, and the act itself.

use std::str::FromStr;

use contract::{
    AppName, AppVersion, Version,
    admin::{
        AnalysisTerms, Audience, CanaryTerms, NewRelease, NewRollback, ReleaseChange, ReleaseId, ReleaseReply,
        Rollback, SHARE_ALL,
    },
};
use fragments_console::Fields;

use crate::{
    admin::{Admin, AdminError, For},
    words,
};

/// The field that says why.
pub(crate) const REASON: &str = "reason";
const LONGEST_REASON: usize = 500;
const MOST_STEPS: usize = 20;
const LONGEST_WAIT_MINUTES: u64 = 7 * 24 * 60;

/// What can be done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// A version for everybody, or as a canary.
    Release(Box<NewRelease>, AppVersion),
    /// Something with a canary.
    Change(AppName, ReleaseId, Change),
    /// Back to a version.
    Rollback(AppVersion, NewRollback),
}

/// What can be done with a canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) verb: Verb,
    pub(crate) terms: ReleaseChange,
}

/// The word for it in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Promote,
    Pause,
    Resume,
    Abort,
}

impl Verb {
    const ALL: [Self; 4] = [Self::Promote, Self::Pause, Self::Resume, Self::Abort];

    fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Abort => "abort",
        }
    }
}

/// Reads the fields of a form; an error has a rule for each field that breaks one.
pub(crate) fn read(fields: &Fields) -> Result<Act, Fields> {
    let act = text(fields, "act");
    let app: AppName = value(fields, "app", "must be an app")?;
    let reason = Some(text(fields, REASON))
        .filter(|reason| !reason.is_empty())
        .map(str::to_owned);
    if reason
        .as_ref()
        .is_some_and(|reason| reason.chars().count() > LONGEST_REASON)
    {
        return Err(wrong(REASON, "must have at most 500 characters"));
    }
    let if_revision = match text(fields, "revision") {
        "" => None,
        _ => Some(value(fields, "revision", "must be a number")?),
    };
    if let Some(verb) = Verb::ALL.into_iter().find(|verb| verb.as_str() == act) {
        let release = value(fields, "release", "must be a release like `r57`")?;
        let step = match text(fields, "step") {
            "" => None,
            _ if verb != Verb::Promote => return Err(wrong("step", "goes with `promote` only")),
            _ => Some(value(fields, "step", "must be the number of a step")?),
        };
        let terms = ReleaseChange { reason, step };
        return Ok(Act::Change(app, release, Change { verb, terms }));
    }
    let version: Version = value(fields, "version", "must be a version like `1.4.2`")?;
    let version = AppVersion { app, version };
    match act {
        "rollback" => {
            let to = Rollback {
                app: version.app.clone(),
                to: Some(version.version.clone()),
            };
            let apps = vec![to];
            Ok(Act::Rollback(
                version,
                NewRollback {
                    apps,
                    if_revision,
                    reason,
                },
            ))
        }
        "release" => {
            let release = NewRelease {
                apps: vec![version.clone()],
                canary: canary(fields)?,
                analysis: analysis(fields)?,
                origins: Default::default(),
                if_revision,
                reason,
            };
            Ok(Act::Release(Box::new(release), version))
        }
        _ => Err(wrong("act", "must be something that can be done here")),
    }
}

fn canary(fields: &Fields) -> Result<Option<CanaryTerms>, Fields> {
    let named = |name: &'static str| match text(fields, name) {
        "" => Err(wrong(name, "must say which")),
        found if found.len() > 100 => Err(wrong(name, "must have at most 100 characters")),
        found => Ok(found.to_owned()),
    };
    let audience = match text(fields, "audience") {
        "" | "all" => return Ok(None),
        "share" => Audience::Share,
        "cohort" => Audience::Cohort(named("cohort")?),
        "group" => Audience::Group(named("group")?),
        _ => return Err(wrong("audience", "must be everybody, a share, a cohort or a group")),
    };
    if audience != Audience::Share {
        return Ok(Some(CanaryTerms {
            audience,
            steps: vec![],
            every_s: None,
        }));
    }
    let every: u64 = match text(fields, "every") {
        "" => 0,
        _ => value(fields, "every", "must be whole minutes")?,
    };
    if every > LONGEST_WAIT_MINUTES {
        return Err(wrong("every", "must be at most a week"));
    }
    Ok(Some(CanaryTerms {
        audience,
        steps: steps(text(fields, "steps"))?,
        every_s: (every > 0).then_some(every * 60),
    }))
}

fn steps(text: &str) -> Result<Vec<u16>, Fields> {
    let parts = text
        .split([',', ' ', ';'])
        .map(|part| part.trim_end_matches('%').trim());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let rule = || wrong("steps", "must be growing shares, as `5%, 25%, 100%`");
    let steps: Vec<u16> = parts
        .into_iter()
        .map(percent_bp)
        .collect::<Option<_>>()
        .ok_or_else(rule)?;
    let growing = steps.windows(2).all(|pair| pair[0] < pair[1]);
    let some = (1..=MOST_STEPS).contains(&steps.len()) && steps[0] > 0;
    if growing && some { Ok(steps) } else { Err(rule()) }
}

fn analysis(fields: &Fields) -> Result<AnalysisTerms, Fields> {
    let usual = AnalysisTerms::default();
    let share = |name: &'static str, usual: u16| match text(fields, name) {
        "" => Ok(usual),
        found => percent_bp(found).ok_or_else(|| wrong(name, "must be a share like `5` or `0.5`")),
    };
    Ok(AnalysisTerms {
        min_sample: match text(fields, "sample") {
            "" => usual.min_sample,
            _ => value(fields, "sample", "must be a whole number")?,
        },
        max_failures_bp: share("failures", usual.max_failures_bp)?,
        max_reports_bp: share("reports", usual.max_reports_bp)?,
    })
}

/// `12.5` is 1,250 basis points.
fn percent_bp(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > 2 {
        return None;
    }
    let part: u16 = format!("{part:0<2}").parse().ok()?;
    let bp = whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(part)?;
    (bp <= SHARE_ALL).then_some(bp)
}

fn text<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map(|text| text.trim()).unwrap_or_default()
}

fn value<T: FromStr>(fields: &Fields, name: &str, rule: &str) -> Result<T, Fields> {
    text(fields, name).parse().map_err(|_| wrong(name, rule))
}

fn wrong(name: &str, rule: &str) -> Fields {
    Fields::from([(name.to_owned(), rule.to_owned())])
}

/// Does it. What was done is told as a sentence.
pub(crate) async fn act(admin: &Admin, whom: For<'_>, act: &Act) -> Result<String, AdminError> {
    match act {
        Act::Release(release, AppVersion { app, version }) => {
            let reply: ReleaseReply = admin.post(whom, "/v1/releases", release).await?;
            let id = reply.release.map_or_else(String::new, |id| format!(", as {id}"));
            let audience = match &release.canary {
                None => "everybody".into(),
                Some(terms) => words::audience(terms, None),
            };
            Ok(format!("{app} {version} is live for {audience}{id}."))
        }
        Act::Change(app, release, Change { verb, terms }) => {
            let path = format!("/v1/releases/{release}/{}", verb.as_str());
            let _: ReleaseReply = admin.post(whom, &path, terms).await?;
            Ok(match verb {
                Verb::Promote if terms.step.is_some() => format!("The canary of {app} has grown."),
                Verb::Promote => format!("The canary of {app} is live for everybody."),
                Verb::Pause => format!("The canary of {app} is paused."),
                Verb::Resume => format!("The canary of {app} goes on."),
                Verb::Abort => format!("The canary of {app} is withdrawn."),
            })
        }
        Act::Rollback(AppVersion { app, version }, rollback) => {
            let _: ReleaseReply = admin.post(whom, "/v1/rollbacks", rollback).await?;
            Ok(format!("{app} is back at {version} for everybody."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Fields::from([("app".to_owned(), "shop".to_owned())])
            .into_iter()
            .chain(pairs)
            .collect()
    }

    fn release(pairs: &[(&str, &str)]) -> Result<NewRelease, Fields> {
        let more = [("act", "release"), ("version", "1.5.0")];
        match read(&fields(&[&more, pairs].concat()))? {
            Act::Release(release, _) => Ok(*release),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_release_is_for_everybody_unless_it_says_whom_it_is_for() {
        let all = release(&[("audience", "all"), ("cohort", "ignored"), ("reason", " because ")]).unwrap();
        assert_eq!((all.canary, all.reason.as_deref()), (None, Some("because")));
        assert_eq!(all.analysis, AnalysisTerms::default());
        let cohort = release(&[("audience", "cohort"), ("cohort", "staff")])
            .unwrap()
            .canary
            .unwrap();
        assert_eq!(
            (cohort.audience, cohort.steps),
            (Audience::Cohort("staff".into()), vec![])
        );
    }

    #[test]
    fn a_canary_has_growing_steps() {
        let share = |steps, every| release(&[("audience", "share"), ("steps", steps), ("every", every)]);
        let terms = share("0.5%, 25 % 100%", "10").unwrap().canary.unwrap();
        assert_eq!((terms.steps, terms.every_s), (vec![50, 2_500, 10_000], Some(600)));
        assert_eq!(share("5%", "").unwrap().canary.unwrap().every_s, None);
        for bad in ["", "0%", "25%, 5%", "101%", "five", "-5", "5.555%", "5%,5%"] {
            assert!(share(bad, "10").unwrap_err().contains_key("steps"), "{bad}");
        }
        for bad in ["-1", "x", "1.5", "99999999999"] {
            assert!(share("5%", bad).unwrap_err().contains_key("every"), "{bad}");
        }
    }

    #[test]
    fn terms_of_failure_are_shares() {
        let terms = release(&[("sample", "50"), ("failures", "2.5"), ("reports", "100")])
            .unwrap()
            .analysis;
        assert_eq!(
            (terms.min_sample, terms.max_failures_bp, terms.max_reports_bp),
            (50, 250, 10_000)
        );
        assert!(release(&[("failures", "101")]).unwrap_err().contains_key("failures"));
    }

    #[test]
    fn what_cannot_be_done_names_its_field() {
        for (pairs, field) in [
            (vec![("act", "explode"), ("version", "1.0.0")], "act"),
            (vec![("act", "release"), ("version", "newest")], "version"),
            (vec![("act", "promote"), ("release", "57")], "release"),
            (vec![("act", "promote"), ("release", "r5/../../x")], "release"),
            (vec![("act", "pause"), ("release", "r5"), ("app", "../x")], "app"),
            (
                vec![("act", "rollback"), ("version", "1.0.0"), ("revision", "soon")],
                "revision",
            ),
        ] {
            assert!(read(&fields(&pairs)).unwrap_err().contains_key(field), "{pairs:?}");
        }
    }

    #[test]
    fn a_rollback_carries_what_its_caller_has_seen() {
        let act = read(&fields(&[
            ("act", "rollback"),
            ("version", "1.4.1"),
            ("revision", "57"),
        ]))
        .unwrap();
        let Act::Rollback(version, rollback) = act else {
            panic!()
        };
        assert_eq!(
            (version.to_string().as_str(), rollback.if_revision),
            ("shop@1.4.1", Some(57))
        );
    }
}
