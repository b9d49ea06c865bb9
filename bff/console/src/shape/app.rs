//! One app.

use contract::{
    AppName,
    admin::{
        AppView, HistoryEntry, HistoryPage, InstanceState, InstanceView, LiveAs, OriginSource, ReleaseView, Status,
        VersionView, WhoAmI,
    },
};
use fragments_console::{App, Entry, Instance, Tone, VersionRow};

use super::{
    canary,
    history::entry,
    overview::{as_of, count},
    policy,
};
use crate::{moment::moment, words};

/// Entries of the history on the app's page.
const SHOWN: usize = 20;

/// What the page of `name` shows; `None` when the status has no such app.
pub(crate) fn app(status: &Status, name: &AppName, history: &HistoryPage, who: &WhoAmI) -> Option<App> {
    let view = status.apps.iter().find(|app| app.app == *name)?;
    let release = status.canaries.iter().find(|release| Some(release.id) == view.canary);
    let acts = &history.entries;
    let was: Vec<String> = acts.iter().map(|act| was_live(act, name, acts)).collect();
    // What is older than the entries is told by when it was published.
    let all = history.before.is_none();
    let returns = |version: &VersionView| {
        let idle = release.is_none() && version.live == LiveAs::No && version.published_at_ms.is_some();
        let known = was.iter().any(|was| was == version.version.as_str());
        idle && (known || (!all && older_than_stable(version, view)))
    };
    let shown = acts.iter().zip(&was).take(SHOWN).map(|(act, was)| {
        let to = view.versions.iter().find(|version| version.version.as_str() == was);
        Entry {
            back_to: to.filter(|to| returns(to)).map_or_else(String::new, |_| was.clone()),
            ..entry(act, status.at_ms)
        }
    });
    let row = |version| VersionRow {
        former: returns(version),
        ..row(version, release, status.at_ms)
    };
    Some(App {
        as_of: as_of(status),
        app: name.to_string(),
        owner: view.owner.clone(),
        team: view.team.as_ref().map(ToString::to_string).unwrap_or_default(),
        stable: view.stable.as_ref().map(ToString::to_string),
        forbidden: words::forbidden(who, name),
        canary: release.map(|release| canary::canary(release, name, status.at_ms)),
        history: shown.collect(),
        versions: view.versions.iter().map(row).collect(),
    })
}

fn older_than_stable(version: &VersionView, app: &AppView) -> bool {
    let stable = app.versions.iter().find(|version| version.live == LiveAs::Stable);
    let stable = stable.and_then(|stable| stable.published_at_ms);
    version
        .published_at_ms
        .zip(stable)
        .is_some_and(|(own, stable)| own < stable)
}

fn row(version: &VersionView, release: Option<&ReleaseView>, now_ms: u64) -> VersionRow {
    let live = match (version.live, release) {
        (LiveAs::Stable, _) => "everybody".into(),
        (LiveAs::Canary, Some(release)) => format!("canary · {}", words::audience(&release.canary, release.share_bp)),
        (LiveAs::Canary, None) => "canary".into(),
        (LiveAs::No, _) => String::new(),
    };
    VersionRow {
        version: version.version.to_string(),
        live,
        stable: version.live == LiveAs::Stable,
        former: false,
        published: version.published_at_ms.map(|at_ms| moment(at_ms, now_ms)),
        by: version
            .published_by
            .as_ref()
            .map_or_else(String::new, |by| format!("by {by}")),
        note: version.note.clone().unwrap_or_default(),
        count: count([version]),
        trouble: policy::line(version.policy.as_ref(), now_ms),
        instances: version.instances.iter().map(instance).collect(),
    }
}

fn instance(view: &InstanceView) -> Instance {
    let (tone, state) = match view.state {
        InstanceState::Unknown => (Tone::Plain, "not asked yet"),
        InstanceState::Healthy => (Tone::Good, "healthy"),
        InstanceState::Unhealthy => (Tone::Bad, "unhealthy"),
        InstanceState::Ejected => (Tone::Warn, "left alone"),
    };
    let source = match view.source {
        OriginSource::Lease => "announced itself",
        OriginSource::Given => "given with the release",
    };
    let mut text = format!("{source}, {} under way", view.in_flight);
    if let Some(error) = &view.last_error {
        text += &format!(", last failure: {error}");
    }
    Instance {
        origin: view.origin.clone(),
        tone,
        state: state.into(),
        text,
    }
}

/// The version that `act` made live for everybody; empty when it made none.
fn was_live(act: &HistoryEntry, app: &AppName, all: &[HistoryEntry]) -> String {
    let named = |text: &str| {
        let words = text.split([' ', ',']).filter_map(|word| word.split_once('@'));
        let mut own = words.filter(|(name, _)| *name == app.as_str());
        own.next().map(|(_, version)| version.to_owned())
    };
    let version = match act.act.as_str() {
        // A release to some only says whom it is to.
        "released" if !act.text.contains(" to ") => named(&act.text),
        "rolled-back" => named(&act.text),
        "promoted" => {
            let begun = |entry: &&HistoryEntry| entry.act == "released" && entry.release == act.release;
            all.iter().find(begun).and_then(|entry| named(&entry.text))
        }
        _ => None,
    };
    version.unwrap_or_default()
}
