//! Everything that a person should look at: versions without instances, canaries that stand still, tokens that end, disks that fill.

use std::path::Path;

use composer_ledger::{Canary, Moment, State};
use contract::{
    AppVersion,
    admin::{BreakerState, Finding, Health, Severity},
};

use super::{access::Caller, origins::is_broken, views};
use crate::{app::App, clock::now_ms};

const DAY_MS: u64 = 24 * 3_600_000;
/// A canary that should have gone on so long ago stands still.
const STUCK_MS: u64 = 60_000;
/// People forget canaries that wait for them.
const FORGOTTEN_MS: u64 = 7 * DAY_MS;
/// Tokens that end so soon are told of.
const ENDS_SOON_MS: u64 = 7 * DAY_MS;
const FULL_BYTES: u64 = 1 << 30;
const FULL_PERCENT: u64 = 5;

/// All findings that `caller` may see, errors first.
pub(super) fn checkup(app: &App, facts: &State, caller: &Caller) -> Vec<Finding> {
    let now = now_ms();
    let mut findings = Vec::new();
    for version in facts
        .live_versions()
        .iter()
        .filter(|version| caller.covers(&version.app))
    {
        findings.extend(instances(app, version).or_else(|| left_alone(app, version)));
    }
    for canary in facts.canaries() {
        if canary.apps.iter().any(|version| caller.covers(&version.app)) {
            findings.extend(stuck(canary, now));
        }
    }
    findings.extend(tokens(facts, caller, now));
    if caller.is_platform() {
        findings.extend(unavailable(app));
        findings.extend(app.registry.trouble());
        if let Some(folder) = &app.config().data_dir {
            findings.extend(disk(folder));
            findings.extend(evidence(folder));
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn finding(severity: Severity, rule: &str, at: String, text: String) -> Finding {
    Finding {
        severity,
        rule: rule.into(),
        at,
        text,
    }
}

fn instances(app: &App, version: &AppVersion) -> Option<Finding> {
    let instances = app.fleet.instances(version);
    let broken = instances.iter().filter(|view| is_broken(view)).count();
    let text = match instances.iter().find_map(|view| view.last_error.as_deref()) {
        _ if instances.is_empty() => "is live and has no instance: start its BFF, or roll it back".to_owned(),
        Some(error) if broken == instances.len() => {
            format!("is live and none of its {broken} instances answers ({error}): look at its BFF, or roll it back")
        }
        None if broken == instances.len() => {
            format!("is live and none of its {broken} instances answers: look at its BFF, or roll it back")
        }
        error if broken > 0 => {
            let error = error.map(|error| format!(" ({error})")).unwrap_or_default();
            let text = format!("{broken} of its {} instances don't answer{error}", instances.len());
            return Some(finding(Severity::Warning, "instance-down", version.to_string(), text));
        }
        _ => return None,
    };
    Some(finding(Severity::Error, "no-instance", version.to_string(), text))
}

fn left_alone(app: &App, version: &AppVersion) -> Option<Finding> {
    let breaker = app.policy_of(version)?.breaker;
    if breaker.state == BreakerState::Closed {
        return None;
    }
    let error = breaker
        .last_error
        .map(|error| format!(" ({error})"))
        .unwrap_or_default();
    let text = format!(
        "is live and left alone for moments, as {} of {} fetches failed{error}: look at its BFF, or roll it back",
        breaker.failed, breaker.of
    );
    Some(finding(Severity::Error, "breaker-open", version.to_string(), text))
}

fn stuck(canary: &Canary, now: u64) -> Option<Finding> {
    let id = canary.release;
    let text = match canary.due_at_ms() {
        Some(due) if now > due.saturating_add(STUCK_MS) => {
            format!(
                "should have gone on at {}, and did not: the ledger or this composer's log says why",
                Moment(due)
            )
        }
        Some(_) => return None,
        None if now.saturating_sub(canary.since_ms) > FORGOTTEN_MS => format!(
            "waits since {}: promote it (`marquetry promote {id}`) or take it back (`marquetry rollback`)",
            Moment(canary.since_ms)
        ),
        None => return None,
    };
    Some(finding(
        Severity::Warning,
        "canary-stuck",
        format!("release {id}"),
        text,
    ))
}

fn tokens(facts: &State, caller: &Caller, now: u64) -> Vec<Finding> {
    let seen = facts.tokens().filter(|token| {
        let own = caller.team.is_some() && token.record.team == caller.team;
        token.revoked.is_none() && (caller.is_platform() || own)
    });
    let ending = seen.filter_map(|token| {
        let end = token.record.expires_at_ms?;
        let text = if end <= now {
            format!(
                "`{}` has ended at {}: issue another, and revoke this one",
                token.record.name,
                Moment(end)
            )
        } else if end - now < ENDS_SOON_MS {
            format!(
                "`{}` ends at {}: issue another before that",
                token.record.name,
                Moment(end)
            )
        } else {
            return None;
        };
        let at = format!("token {}", token.record.id);
        Some(finding(Severity::Warning, "token-ends", at, text))
    });
    ending.collect()
}

fn unavailable(app: &App) -> Option<Finding> {
    let store = views::store(app);
    let (severity, rule) = match store.health {
        Health::Good if store.text.is_empty() => return None,
        Health::Good => (Severity::Warning, "journal-behind"),
        Health::Recovered => (Severity::Warning, "store-recovered"),
        Health::Unavailable => (Severity::Error, "store-unavailable"),
    };
    Some(finding(severity, rule, "ledger".into(), store.text))
}

fn disk(folder: &Path) -> Option<Finding> {
    let at = folder.display().to_string();
    let found = match rustix::fs::statvfs(folder) {
        Ok(found) => found,
        Err(error) => {
            let text = format!("can't be looked at: {error}");
            return Some(finding(Severity::Error, "disk", at, text));
        }
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let all = found.f_blocks.saturating_mul(found.f_frsize);
    let full = free < FULL_BYTES || free.saturating_mul(100) < all.saturating_mul(FULL_PERCENT);
    let text = format!(
        "has {} MiB left: free some, `marquetry gc` forgets old versions",
        free >> 20
    );
    full.then(|| finding(Severity::Warning, "disk-nearly-full", at, text))
}

/// What was moved aside because it was damaged.
fn evidence(folder: &Path) -> Vec<Finding> {
    let damaged = folder.join("damaged");
    let found = std::fs::read_dir(&damaged).into_iter().flatten().flatten().take(100);
    let told = found.map(|entry| {
        let text = "was damaged, and is kept as evidence: look at the disk, then delete it";
        finding(
            Severity::Warning,
            "damaged",
            entry.path().display().to_string(),
            text.into(),
        )
    });
    told.collect()
}
