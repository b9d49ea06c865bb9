//! Apps that a configuration names: nothing changes them while the composer runs.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use composer_ledger::{Act, Actor, Entry, State};
use composer_page::Platform;
use contract::{AppVersion, Prefix, admin::AnalysisTerms, manifest::check_together};

use crate::{
    assets::AssetStore,
    composed::{ComposeError, Compositions},
    library::Library,
    origin::Origin,
    packed::{LoadedApp, LoadedPlatform, PackedError, load_app, load_platform},
    snapshot::{AppSource, Snapshot, SnapshotError},
};

/// Loads, verifies and checks everything.
pub(super) fn snapshot(
    apps: &[AppSource],
    shell_dir: Option<&Path>,
    prefix: &Prefix,
    max_asset_bytes: u64,
) -> Result<Snapshot, SnapshotError> {
    let (platform, loaded) = load_all(apps, shell_dir, prefix).map_err(SnapshotError::Packed)?;
    check_names(&loaded)?;
    let mut assets = AssetStore::new(max_asset_bytes);
    for asset in platform.assets.iter().chain(loaded.iter().flat_map(|app| &app.assets)) {
        assets.insert(Arc::clone(asset))?;
    }
    let versions: Vec<AppVersion> = loaded.iter().map(|app| app.app.manifest.app_version()).collect();
    let origins: HashMap<AppVersion, Vec<Origin>> = versions
        .iter()
        .zip(apps)
        .map(|(version, source)| (version.clone(), source.origins.clone()))
        .collect();
    let state = Arc::new(state(&versions, &origins));
    let library = Library::fixed(prefix.clone(), loaded);
    let compositions = Arc::new(Compositions::new(library, platform.platform));
    let stable = compositions.build(&state, &state.stable(), None)?;
    Ok(Snapshot {
        live: Arc::new(HashMap::from([(stable.composition.clone(), Arc::clone(&stable))])),
        stable,
        state,
        compositions,
        assets: Arc::new(assets),
        origins,
    })
}

/// An app given twice would hide itself; the check of manifests tells where both are.
fn check_names(loaded: &[LoadedApp]) -> Result<(), SnapshotError> {
    let mut names = HashSet::new();
    let twice = loaded.iter().any(|app| !names.insert(&app.app.manifest.app.name));
    if !twice {
        return Ok(());
    }
    let manifests: Vec<_> = loaded.iter().map(|app| &app.app.manifest).collect();
    check_together(&manifests).map_err(|breaches| ComposeError::Site(breaches).into())
}

/// What a ledger would say, had these versions been published and released.
fn state(versions: &[AppVersion], origins: &HashMap<AppVersion, Vec<Origin>>) -> State {
    let mut acts = Vec::new();
    for version in versions {
        acts.push(Act::VersionPublished {
            version: version.clone(),
            files: vec![],
            note: None,
        });
        let given = origins.get(version).map_or(&[][..], Vec::as_slice);
        acts.push(Act::OriginsSet {
            version: version.clone(),
            origins: given.iter().map(ToString::to_string).collect(),
        });
    }
    acts.push(Act::Released {
        apps: versions.to_vec(),
        canary: None,
        analysis: AnalysisTerms::default(),
    });
    let mut state = State::default();
    for act in acts {
        state.apply(&Entry {
            revision: state.revision().next(),
            at_ms: 0,
            by: Actor::system("start"),
            act,
            reason: None,
        });
    }
    state
}

fn load_all(
    apps: &[AppSource],
    shell_dir: Option<&Path>,
    prefix: &Prefix,
) -> Result<(LoadedPlatform, Vec<LoadedApp>), Vec<PackedError>> {
    let mut errors = Vec::new();
    let platform = platform(shell_dir, prefix).unwrap_or_else(|error| {
        errors.push(error);
        no_platform(prefix)
    });
    let mut loaded = Vec::new();
    for source in apps {
        match load_app(&source.dir, prefix) {
            Ok(app) => loaded.push(app),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok((platform, loaded))
    } else {
        Err(errors)
    }
}

/// The shell and its loader, where there is a folder of them.
pub(super) fn platform(shell_dir: Option<&Path>, prefix: &Prefix) -> Result<LoadedPlatform, PackedError> {
    shell_dir.map_or_else(|| Ok(no_platform(prefix)), |dir| load_platform(dir, prefix))
}

fn no_platform(prefix: &Prefix) -> LoadedPlatform {
    LoadedPlatform {
        platform: Platform {
            prefix: prefix.clone(),
            ..Platform::default()
        },
        assets: vec![],
    }
}
