//! Builds what the handlers share, and runs what goes on beside requests.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use composer_fetch::{AddressGuard, Fleet};
use composer_registry::{Registry, Settings};
use tokio::time::interval;

use crate::{
    accept::Listeners,
    app::{App, Shared},
    canary::{Canaries, driver::Driver},
    config::Config,
    drain::Drain,
    events::{Events, readers::Readers},
    fault::BuildError,
    instances::Instances,
    keys::Keys,
    live::Live,
    overload::{self, Admission},
    overrides::Overrides,
    ready::ReadyPages,
    visitor::Traits,
};

/// Memory for whole pages, beside that of their parts.
const READY_BYTES: u64 = 64 << 20;
/// So often leases and overrides that have ended are looked for.
const EXPIRE_EVERY: Duration = Duration::from_millis(500);

/// Everything that handlers share, in the mode that the configuration asks for.
pub(crate) async fn build(config: Config) -> Result<App, Vec<BuildError>> {
    let traits = Traits::new(&config.audience).map_err(BuildError::from);
    let registry = registry(&config).await;
    let (registry, traits) = match (registry, traits) {
        (Ok(registry), Ok(traits)) => (registry, traits),
        (registry, traits) => return Err([registry.err(), traits.err()].into_iter().flatten().collect()),
    };
    let (keys, instances) = match &config.data_dir {
        Some(folder) => kept(folder).await,
        None => (Keys::passing(), Instances::default()),
    };
    let guard = match config.data_dir {
        Some(_) => AddressGuard::new(config.networks.clone()),
        None => AddressGuard::open(),
    };
    let fleet = Fleet::new(config.fetch.clone(), Arc::new(guard), config.prefix.clone());
    let fleet = Arc::new(fleet);
    let app: App = Arc::new(Shared {
        live: Live::new(registry.clone(), Arc::clone(&fleet)),
        ready: ReadyPages::new(READY_BYTES),
        registry,
        fleet,
        keys,
        traits: ArcSwap::from_pointee(traits),
        listeners: Listeners::default(),
        instances,
        overrides: Overrides::new(config.overrides && config.data_dir.is_some()),
        canaries: Arc::new(Canaries::default()),
        events: Arc::new(Events::new(config.limits.tabs)),
        placed: std::sync::Mutex::default(),
        drain: Drain::default(),
        admission: Arc::new(Admission::new(&config.limits)),
        prefix: config.prefix.clone(),
        inspector: config.inspector,
        has_releases: config.data_dir.is_some(),
        configured: ArcSwap::from_pointee(config),
    });
    app.place_all(&app.registry.snapshot());
    Ok(app)
}

async fn registry(config: &Config) -> Result<Registry, BuildError> {
    let shell_dir = config.shell_dir.clone();
    let max_asset_bytes = config.limits.asset_bytes;
    let Some(data_dir) = &config.data_dir else {
        let fixed = Registry::fixed(&config.apps, shell_dir.as_deref(), &config.prefix, max_asset_bytes)?;
        return Ok(fixed);
    };
    let settings = Settings {
        shell_dir,
        prefix: config.prefix.clone(),
        max_asset_bytes,
        ..Settings::new(data_dir)
    };
    Ok(Registry::open(settings).await?)
}

/// What outlives the process beside the ledger.
async fn kept(folder: &Path) -> (Keys, Instances) {
    let folder = folder.to_owned();
    let read = tokio::task::spawn_blocking(move || (Keys::open(&folder), Instances::open(folder)));
    read.await.unwrap_or_else(|_| (Keys::passing(), Instances::default()))
}

/// Runs until `app`'s stop has ended: the watch for overload, the end of idle connections, health checks, the end of leases, canaries, the apps' feeds. Instances can't be where `own` listens.
///
/// With fixed apps there is less to do: their origins are asked for their feeds and what browsers ask for, and nothing else.
pub(crate) fn run(app: &App, own: Vec<SocketAddr>) {
    let (gate, drain) = (Arc::clone(&app.admission), app.drain.clone());
    tokio::spawn(async move { overload::keep_up(gate, &drain).await });
    let (fleet, drain) = (Arc::clone(&app.fleet), app.drain.clone());
    tokio::spawn(async move { fleet.close_idle(drain.ended()).await });
    let readers = Readers {
        registry: app.registry.clone(),
        fleet: Arc::clone(&app.fleet),
        events: Arc::clone(&app.events),
    };
    until_stopped(app, readers.run());
    if !app.has_releases() {
        return;
    }
    app.fleet.guard().forbid_listeners(own);
    let (fleet, drain) = (Arc::clone(&app.fleet), app.drain.clone());
    tokio::spawn(async move { fleet.watch_health(drain.ended()).await });
    let driver = Driver {
        registry: app.registry.clone(),
        fleet: Arc::clone(&app.fleet),
        canaries: Arc::clone(&app.canaries),
    };
    until_stopped(app, driver.run());
    until_stopped(app, keep_up(Arc::clone(app)));
    until_stopped(app, expire(Arc::clone(app)));
    let file = Arc::clone(app);
    until_stopped(app, async move { file.instances.keep_file().await });
}

fn until_stopped(app: &App, task: impl Future<Output = ()> + Send + 'static) {
    let drain = app.drain.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = drain.ended() => {}
            () = task => {}
        }
    });
}

/// Makes every act's versions reachable, whether or not a page is asked for.
async fn keep_up(app: App) {
    let mut changes = app.registry.changes();
    loop {
        app.moment();
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn expire(app: App) {
    let mut ticks = interval(EXPIRE_EVERY);
    loop {
        ticks.tick().await;
        app.expire();
    }
}
