//! Makes the snapshot of a state, out of the one before where that has what is needed.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use composer_ledger::State;
use contract::{
    AppVersion, Composition,
    admin::{Finding, Severity},
};
use tracing::{error, warn};

use super::Stored;
use crate::{
    assets::AssetStore,
    check::unreadable,
    composed::{ComposeError, Composed, Compositions},
    origin::Origin,
    snapshot::{Live, Snapshot},
};

/// The snapshot of `state`.
pub(super) fn snapshot(stored: &Stored, state: Arc<State>, last: &Snapshot) -> Result<Snapshot, Vec<Finding>> {
    let compositions = &last.compositions;
    let live = live(&state, last)?;
    let Some(stable) = live.get(&state.stable()).cloned() else {
        return Err(vec![]);
    };
    let is_same = live.len() == last.live.len() && live.keys().all(|each| last.live.contains_key(each));
    let assets = if is_same && stored.trouble().is_empty() {
        Arc::clone(&last.assets)
    } else {
        let (store, findings) = assets(stored, &state, &last.assets, compositions);
        if !findings.is_empty() {
            return Err(findings);
        }
        Arc::new(store)
    };
    Ok(Snapshot {
        origins: origins(&state),
        compositions: Arc::clone(compositions),
        live,
        stable,
        state,
        assets,
    })
}

fn live(state: &State, last: &Snapshot) -> Result<Live, Vec<Finding>> {
    let mut live = HashMap::new();
    let mut findings = Vec::new();
    for wanted in state.combinations() {
        let known = last.live.get(&wanted).map(|known| Ok(Arc::clone(known)));
        match known.unwrap_or_else(|| last.compositions.build(state, &wanted, None)) {
            Ok(composed) => {
                live.insert(wanted, composed);
            }
            Err(error) => findings.extend(unserved(&wanted, &error)),
        }
    }
    if findings.is_empty() {
        Ok(Arc::new(live))
    } else {
        Err(findings)
    }
}

fn unserved(composition: &Composition, error: &ComposeError) -> Vec<Finding> {
    let found = |at: String, text: String| Finding {
        severity: Severity::Error,
        rule: "unreadable".into(),
        at,
        text,
    };
    match error {
        ComposeError::Load(errors) => errors
            .iter()
            .map(|error| found(error.name(), unreadable(error)))
            .collect(),
        other => vec![found(composition.to_string(), other.to_string())],
    }
}

fn assets(
    stored: &Stored,
    state: &State,
    last: &AssetStore,
    compositions: &Compositions,
) -> (AssetStore, Vec<Finding>) {
    let mut store = AssetStore::new(stored.max_asset_bytes);
    let mut findings = Vec::new();
    let mut is_full = false;
    for asset in &stored.platform {
        is_full |= store.insert(Arc::clone(asset)).is_err();
    }
    for version in state.live_versions() {
        let Ok(pages) = compositions.library.pages(state, &version) else {
            continue;
        };
        for entry in &pages.entries {
            let known = last.get(&entry.digest, &entry.file).cloned();
            let asset = known.map_or_else(|| compositions.library.asset(state, &version, entry), Ok);
            match asset {
                Ok(asset) => is_full |= store.insert(asset).is_err(),
                Err(error) => findings.push(Finding {
                    severity: Severity::Error,
                    rule: "unreadable".into(),
                    at: format!("{version} {}", entry.path()),
                    text: unreadable(&error),
                }),
            }
        }
    }
    if is_full {
        warn!(
            limit_bytes = stored.max_asset_bytes,
            "not all assets of what is live fit in memory, the others are read from the disk each time"
        );
    }
    (store, findings)
}

fn origins(state: &State) -> HashMap<AppVersion, Vec<Origin>> {
    let given = state.versions().filter(|each| !each.origins.is_empty());
    given
        .map(|each| {
            let origins = each.origins.iter().filter_map(|text| text.parse().ok());
            (each.version.clone(), origins.collect())
        })
        .collect()
}

/// What can be served of `state` where not all of it can: for each app the newest version that was for everybody and can be read.
pub(super) fn rest(stored: &Stored, state: &Arc<State>, empty: &Snapshot) -> Snapshot {
    let compositions = &empty.compositions;
    let mut chosen: BTreeSet<AppVersion> = BTreeSet::new();
    for app in state.apps() {
        let versions = app.stable.iter().chain(app.previous.iter().rev());
        let mut versions = versions.map(|version| AppVersion {
            app: app.name.clone(),
            version: version.clone(),
        });
        let readable = versions.find(|version| compositions.library.pages(state, version).is_ok());
        chosen.extend(readable);
    }
    let stable = loop {
        let wanted: Composition = chosen.iter().cloned().collect();
        match compositions.build(state, &wanted, None) {
            Ok(stable) => break stable,
            Err(error) if chosen.is_empty() => {
                error!(%error, "not even a site without apps can be made");
                break Arc::clone(&empty.stable);
            }
            Err(error) => leave_out(&mut chosen, &error),
        }
    };
    served(stored, state, empty, stable)
}

/// Leaves out the apps that are named in what is wrong; all, where none is.
fn leave_out(chosen: &mut BTreeSet<AppVersion>, error: &ComposeError) {
    let before = chosen.len();
    if let ComposeError::Site(breaches) = error {
        chosen.retain(|version| {
            let folder = format!("{version}/");
            !breaches.iter().any(|breach| breach.file.starts_with(&folder))
        });
    }
    if chosen.len() == before {
        chosen.clear();
    }
}

fn served(stored: &Stored, state: &Arc<State>, empty: &Snapshot, stable: Arc<Composed>) -> Snapshot {
    let (store, _told) = assets(stored, state, &empty.assets, &empty.compositions);
    Snapshot {
        live: Arc::new(HashMap::from([(stable.composition.clone(), Arc::clone(&stable))])),
        stable,
        state: Arc::clone(state),
        compositions: Arc::clone(&empty.compositions),
        assets: Arc::new(store),
        origins: origins(state),
    }
}
