//! `marquetry status`: all apps, and the canaries under way.

use contract::admin::{AppView, Health, InstanceState, InstanceView, LiveAs, Status, StoreHealth};

use super::{audience, canary, live::canary_of};
use crate::output::{Output, Tone, clean, table::optional, time};

/// The whole picture.
pub(crate) fn text(output: Output, status: &Status) -> String {
    let mut text = store(output, &status.store);
    if status.apps.is_empty() {
        return text + "nothing is published yet\nnext: marquetry publish FOLDER\n";
    }
    let mut table = output.table(["APP", "TEAM", "LIVE", "CANARY", "INSTANCES", "PUBLISHED"]);
    for app in &status.apps {
        table.row([
            app.app.to_string(),
            optional(app.team.as_ref().map(|team| team.as_str())),
            live(output, app),
            canary(output, status, app),
            instances(output, &serving(app)),
            published(app, status.at_ms),
        ]);
    }
    text += &table.text("");
    for each in &status.canaries {
        text += "\n";
        text += &canary::text(output, each, status.at_ms);
    }
    text + &output.tone(Tone::Minor, &format!("revision {}\n", status.revision))
}

/// Says so when the ledger is not well.
pub(super) fn store(output: Output, store: &StoreHealth) -> String {
    let tone = match store.health {
        Health::Good => return String::new(),
        Health::Recovered => Tone::Attention,
        Health::Unavailable => Tone::Bad,
    };
    let head = match store.health {
        Health::Unavailable => "the ledger is not available: nothing can be changed, pages are served",
        _ => "the ledger was damaged and has been made whole again",
    };
    format!("{}\n  {}\n", output.tone(tone, head), clean(&store.text))
}

fn live(output: Output, app: &AppView) -> String {
    match &app.stable {
        Some(version) => output.tone(Tone::Good, version.as_str()),
        None => output.tone(Tone::Minor, "not live"),
    }
}

fn canary(output: Output, status: &Status, app: &AppView) -> String {
    match canary_of(status, app) {
        Some((canary, version)) => {
            let whom = audience(&canary.canary, canary.share_bp);
            output.tone(Tone::Attention, &format!("{version} for {whom} ({})", canary.id))
        }
        None => "-".into(),
    }
}

/// The instances of live versions; of all when none is live.
fn serving(app: &AppView) -> Vec<&InstanceView> {
    let live = |live: bool| {
        let versions = app
            .versions
            .iter()
            .filter(move |each| (each.live != LiveAs::No) == live);
        versions.flat_map(|each| &each.instances).collect::<Vec<_>>()
    };
    if app.versions.iter().any(|each| each.live != LiveAs::No) {
        live(true)
    } else {
        live(false)
    }
}

/// `2 healthy`, `1 of 2 healthy`, `1 healthy, 1 not asked yet`, `none`.
pub(super) fn instances(output: Output, instances: &[&InstanceView]) -> String {
    let count = |state: InstanceState| instances.iter().filter(|each| each.state == state).count();
    let (healthy, unasked) = (count(InstanceState::Healthy), count(InstanceState::Unknown));
    match (healthy, unasked, instances.len()) {
        (.., 0) => output.tone(Tone::Minor, "none"),
        (_, 0, all) if healthy == all => format!("{all} healthy"),
        (0, _, all) if unasked == all => format!("{all} not asked yet"),
        (_, _, all) if healthy + unasked == all => format!("{healthy} healthy, {unasked} not asked yet"),
        (.., all) => output.tone(Tone::Bad, &format!("{healthy} of {all} healthy")),
    }
}

fn published(app: &AppView, now_ms: u64) -> String {
    let newest = app
        .versions
        .iter()
        .filter_map(|each| Some((each.published_at_ms?, &each.version)))
        .max();
    match newest {
        Some((at_ms, version)) => format!("{version} {}", time::ago(at_ms, now_ms)),
        None => "-".into(),
    }
}
