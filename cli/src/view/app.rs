//! `marquetry status APP`: an app's versions and where they run.

use contract::admin::{AppView, BreakerState, InstanceState, InstanceView, LiveAs, OriginSource, Status, VersionView};

use super::{canary, live::canary_of, overview};
use crate::output::{
    Output, Tone, clean,
    table::{cell, optional},
    time::{ago, length},
};

/// The app in full.
pub(crate) fn text(output: Output, status: &Status, app: &AppView) -> String {
    let team = app
        .team
        .as_ref()
        .map_or("no team".into(), |team| format!("team {team}"));
    let head = format!("{}, of {team}, owner {}", app.app, clean(&app.owner));
    let mut text = overview::store(output, &status.store);
    text += &format!("{}\n", output.tone(Tone::Heading, &head));
    if app.versions.is_empty() {
        text += &match &app.stable {
            Some(version) => format!("  {version} is live; the rest is for its team to see\n"),
            None => "  no version is published\n".into(),
        };
        return text;
    }
    text += &versions(output, app, status.at_ms);
    text += &instances(output, app);
    text += &left_alone(output, app, status.at_ms);
    if let Some((canary, _)) = canary_of(status, app) {
        text += "\n";
        text += &canary::text(output, canary, status.at_ms);
    }
    text
}

fn versions(output: Output, app: &AppView, now_ms: u64) -> String {
    let mut table = output.table(["VERSION", "LIVE", "PUBLISHED", "BY", "INSTANCES", "NOTE"]);
    for each in &app.versions {
        table.row([
            each.version.to_string(),
            live(output, each.live),
            each.published_at_ms
                .map_or("not published".into(), |at_ms| ago(at_ms, now_ms)),
            optional(each.published_by.as_deref()),
            overview::instances(output, &each.instances.iter().collect::<Vec<_>>()),
            optional(each.note.as_deref()),
        ]);
    }
    table.text("")
}

fn live(output: Output, live: LiveAs) -> String {
    match live {
        LiveAs::Stable => output.tone(Tone::Good, "stable"),
        LiveAs::Canary => output.tone(Tone::Attention, "canary"),
        LiveAs::No => output.tone(Tone::Minor, "no"),
    }
}

fn instances(output: Output, app: &AppView) -> String {
    let all = |version: &VersionView| version.instances.len();
    if app.versions.iter().map(all).sum::<usize>() == 0 {
        return "\nno instance of it is known: its BFF announces itself, or give `--origin` with the release\n".into();
    }
    let mut table = output.table(["VERSION", "INSTANCE", "STATE", "KNOWN BY", "UNDER WAY", "LAST ERROR"]);
    for version in &app.versions {
        for each in &version.instances {
            table.row([
                version.version.to_string(),
                cell(&each.origin),
                state(output, each),
                source(each.source).to_owned(),
                each.in_flight.to_string(),
                optional(each.last_error.as_deref()),
            ]);
        }
    }
    format!("\n{}", table.text(""))
}

/// A line for each version whose breaker is open.
fn left_alone(output: Output, app: &AppView, now_ms: u64) -> String {
    let mut text = String::new();
    for version in &app.versions {
        let breaker = version.policy.as_ref().map(|policy| &policy.breaker);
        let Some(breaker) = breaker.filter(|breaker| breaker.state != BreakerState::Closed) else {
            continue;
        };
        let seconds = now_ms.saturating_sub(breaker.open_since_ms.unwrap_or(now_ms)) / 1_000;
        let error = breaker
            .last_error
            .as_deref()
            .map_or_else(String::new, |error| format!(" ({})", clean(error)));
        let line = format!(
            "{} is left alone for {}: {} of {} fetches failed{error}",
            version.version,
            length(seconds),
            breaker.failed,
            breaker.of
        );
        text += &format!("\n{}\n", output.tone(Tone::Bad, &line));
    }
    text
}

fn state(output: Output, instance: &InstanceView) -> String {
    match instance.state {
        InstanceState::Unknown => "not asked yet".into(),
        InstanceState::Healthy => output.tone(Tone::Good, "healthy"),
        InstanceState::Unhealthy => output.tone(Tone::Bad, "unhealthy"),
        InstanceState::Ejected => output.tone(Tone::Bad, "ejected"),
    }
}

fn source(source: OriginSource) -> &'static str {
    match source {
        OriginSource::Lease => "announced",
        OriginSource::Given => "given",
    }
}
