//! All apps, and the canaries under way.

use contract::admin::{AppView, Health, InstanceState, LiveAs, Status, StoreHealth, VersionView, WhoAmI};
use fragments_console::{AppRow, AsOf, Count, Notice, Overview, Tone};

use super::canary;
use crate::{moment, words};

/// What the overview shows.
pub(crate) fn overview(status: &Status, who: &WhoAmI) -> Overview {
    Overview {
        as_of: as_of(status),
        apps: status.apps.iter().map(|app| row(app, status, who)).collect(),
        canaries: status.canaries.iter().map(|release| canary::card(release, status.at_ms)).collect(),
    }
}

/// When `status` is of.
pub(crate) fn as_of(status: &Status) -> AsOf {
    AsOf {
        revision: status.revision,
        clock: moment::clock(status.at_ms),
        store: store(&status.store),
    }
}

/// How many of the instances of `versions` answer.
pub(crate) fn count<'v>(versions: impl IntoIterator<Item = &'v VersionView>) -> Count {
    let states = versions.into_iter().flat_map(|version| &version.instances).map(|instance| instance.state);
    states.fold(Count::default(), |count, state| Count {
        healthy: count.healthy + u32::from(state == InstanceState::Healthy),
        total: count.total + 1,
    })
}

fn store(store: &StoreHealth) -> Notice {
    let (tone, title) = match store.health {
        Health::Good => (Tone::Good, "ledger good"),
        Health::Recovered => (Tone::Warn, "ledger recovered"),
        Health::Unavailable => (Tone::Bad, "ledger unavailable"),
    };
    let text = match store.health {
        Health::Good => String::new(),
        Health::Recovered => format!("It was damaged and has been made whole again. {}", store.text),
        Health::Unavailable => format!("Nothing can be released now; pages are served on. {}", store.text),
    };
    Notice {
        tone,
        title: title.into(),
        text: text.trim().into(),
        ..Notice::default()
    }
}

fn row(app: &AppView, status: &Status, who: &WhoAmI) -> AppRow {
    let release = status.canaries.iter().find(|release| Some(release.id) == app.canary);
    let canary = release.and_then(|release| {
        let own = release.apps.iter().find(|version| version.app == app.app)?;
        let audience = words::audience(&release.canary, release.share_bp);
        Some((own.version.to_string(), audience))
    });
    let live = app.versions.iter().filter(|version| version.live != LiveAs::No);
    AppRow {
        app: app.app.to_string(),
        owner: app.owner.clone(),
        stable: app.stable.as_ref().map(ToString::to_string),
        canary,
        instances: count(live),
        open: !app.versions.is_empty() || words::forbidden(who, &app.app).is_empty(),
    }
}
