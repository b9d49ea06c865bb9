//! All apps, and the canaries under way.

use contract::admin::{AppView, Health, InstanceState, LiveAs, Status, StoreHealth, VersionView, WhoAmI};
use fragments_console::{AppRow, AsOf, Count, Notice, Overview, Tone};

use super::canary;
use crate::{moment, trouble, words};

/// What the overview shows.
pub(crate) fn overview(status: &Status, who: &WhoAmI) -> Overview {
    Overview {
        as_of: as_of(status),
        apps: status.apps.iter().map(|app| row(app, status, who)).collect(),
        canaries: status
            .canaries
            .iter()
            .map(|release| canary::card(release, status.at_ms))
            .collect(),
    }
}

/// When `status` is of.
pub(crate) fn as_of(status: &Status) -> AsOf {
    AsOf {
        revision: status.revision,
        clock: moment::clock(status.at_ms),
        ledger: match status.store.health {
            Health::Good => "ledger good".into(),
            Health::Recovered => "ledger recovered".into(),
            Health::Unavailable => "ledger unavailable".into(),
        },
        store: store(&status.store),
    }
}

/// How many of the instances of `versions` answer.
pub(crate) fn count<'v>(versions: impl IntoIterator<Item = &'v VersionView>) -> Count {
    let states = versions
        .into_iter()
        .flat_map(|version| &version.instances)
        .map(|instance| instance.state);
    states.fold(Count::default(), |count, state| Count {
        healthy: count.healthy + u32::from(state == InstanceState::Healthy),
        total: count.total + 1,
    })
}

fn store(store: &StoreHealth) -> Notice {
    let said = trouble::sentence(&store.text);
    let (tone, title, text) = match store.health {
        Health::Good => (Tone::Good, "", String::new()),
        Health::Recovered => (Tone::Warn, "The ledger was damaged, and is whole again", said),
        Health::Unavailable => (
            Tone::Bad,
            "The ledger can't be written",
            format!("Nothing can be released now; pages are served on. {said}"),
        ),
    };
    Notice {
        tone,
        title: title.into(),
        text,
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
