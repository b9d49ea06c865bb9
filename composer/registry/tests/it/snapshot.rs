//! What a composer serves.

use composer_registry::{AppSource, Registry, SnapshotError, pack_platform, snapshot::ASSET_BYTES};
use contract::Prefix;

use crate::app::App;

fn sources(app: &App) -> Vec<AppSource> {
    vec![AppSource {
        dir: app.path("out"),
        origins: vec!["http://127.0.0.1:4103".parse().unwrap()],
    }]
}

fn load(app: &App, max_asset_bytes: u64) -> Result<Registry, SnapshotError> {
    Registry::fixed(
        &sources(app),
        Some(&app.path("shell-out")),
        &Prefix::default(),
        max_asset_bytes,
    )
}

fn packed() -> App {
    let app = App::new();
    app.write("shell/loader.js", "export {}");
    app.pack().unwrap();
    pack_platform(&app.path("shell"), &app.path("shell-out")).unwrap();
    app
}

#[test]
fn a_snapshot_joins_site_assets_and_origins() {
    let snapshot = load(&packed(), ASSET_BYTES).unwrap().snapshot();
    let checkout = "checkout@1.0.0".parse().unwrap();
    assert_eq!(snapshot.stable().composition.to_string(), "checkout@1.0.0");
    assert_eq!(snapshot.state().stable(), snapshot.stable().composition);
    assert_eq!(snapshot.origins(&checkout)[0].to_string(), "http://127.0.0.1:4103");
    assert!(snapshot.stable().site.resolve("/checkout").is_some());
    let loader = snapshot.platform().loader.clone().unwrap();
    let (digest, file) = loader.url.strip_prefix("/_m/assets/").unwrap().split_once('/').unwrap();
    assert_eq!(&snapshot.asset(digest, file).unwrap().identity[..], b"export {}");
}

#[test]
fn every_folder_that_cannot_be_loaded_is_told() {
    let app = App::new();
    let error = load(&app, ASSET_BYTES).unwrap_err().to_string();
    assert_eq!(
        error.matches("is not a version that can be served").count(),
        2,
        "{error}"
    );
}

#[test]
fn assets_have_a_limit() {
    assert!(matches!(load(&packed(), 100), Err(SnapshotError::Store(_))));
}
