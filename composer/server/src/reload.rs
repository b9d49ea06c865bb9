//! Reads the configuration anew while the composer serves: what is valid is taken as a whole, else nothing is.

mod difference;

use std::{
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use composer_registry::Registry;
use metrics::{counter, gauge};
use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

use crate::{
    app::App,
    config::{Config, Limits},
    fault::{BuildError, Fault},
    telemetry, tls,
    visitor::Traits,
};

/// The admin listener's connections: instances renew their leases by it, each over a connection of its own.
const ADMIN_CONNECTIONS: usize = 1_024;

/// What a reload did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Keys and tables that say something else from now on.
    pub changed: Vec<&'static str>,
    /// Keys that say something else from the next start on.
    pub needs_restart: Vec<&'static str>,
}

/// The limits of the admin listener.
pub(crate) fn of_admin(limits: &Limits) -> Limits {
    Limits {
        connections: ADMIN_CONNECTIONS,
        ..limits.clone()
    }
}

/// Reads the configuration file, certificates and keys anew; says in the log and the metrics what came of it.
///
/// # Errors
/// All that is wrong with them; then nothing has changed.
pub(crate) async fn reload(app: &App) -> Result<Reloaded, Vec<Fault>> {
    let reloading = Arc::clone(app);
    // A task of its own: who asked may go away, and half a reload is none.
    let task = tokio::spawn(async move {
        let _turn = reloading.listeners.turn().await;
        let done = try_reload(&reloading).await;
        tell(&done);
        done
    });
    task.await.unwrap_or_else(|_| Err(vec![]))
}

async fn try_reload(app: &App) -> Result<Reloaded, Vec<Fault>> {
    let old = app.config();
    let fixed = (!app.has_releases()).then(|| app.registry.clone());
    let prepared = spawn_blocking(move || prepare(&old, fixed.as_ref())).await;
    let prepared = prepared.unwrap_or_else(|_| Err(vec![]))?;
    Ok(take(app, prepared))
}

/// All that can go wrong has gone well.
struct Prepared {
    config: Config,
    told: Reloaded,
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    traits: Traits,
    fixed: Option<composer_registry::FixedApps>,
}

fn prepare(old: &Config, fixed: Option<&Registry>) -> Result<Prepared, Vec<Fault>> {
    let read = Config::load(&old.file).map_err(|breaches| breaches.into_iter().map(Fault::from).collect::<Vec<_>>())?;
    let (config, told) = difference::lay_over(old, read);
    let mut faults = Vec::new();
    let acceptor = config.tls.as_ref().map(tls::acceptor).transpose();
    let acceptor = acceptor.map_err(|error| faults.push(error.into())).ok();
    let traits = Traits::new(&config.audience).map_err(BuildError::from);
    let traits = traits.map_err(|error| faults.push(error.into())).ok();
    let fixed = fixed.map(|_| {
        let shell_dir = config.shell_dir.as_deref();
        Registry::load_fixed(&config.apps, shell_dir, &config.prefix, config.limits.asset_bytes)
    });
    let fixed = fixed.transpose().map_err(BuildError::from);
    let fixed = fixed.map_err(|error| faults.push(error.into())).ok();
    match (acceptor, traits, fixed) {
        (Some(acceptor), Some(traits), Some(fixed)) => Ok(Prepared {
            config,
            told,
            acceptor,
            traits,
            fixed,
        }),
        _ => Err(faults),
    }
}

fn take(app: &App, prepared: Prepared) -> Reloaded {
    let Prepared {
        config,
        told,
        acceptor,
        traits,
        fixed,
    } = prepared;
    telemetry::set_filter(&config.log);
    app.admission.renew(&config.limits);
    app.events.resize(config.limits.tabs);
    app.traits.store(Arc::new(traits));
    let limits = config.limits.clone();
    let (hints, networks) = (config.pages.early_hints, config.networks.clone());
    app.configured.store(Arc::new(config));
    app.fleet.guard().set_platform(networks);
    if let Some(fixed) = fixed {
        // A folder may hold something else under the same version.
        app.forget_all();
        app.registry.serve_fixed(fixed);
    }
    app.moment();
    let own = [(limits.clone(), acceptor), (of_admin(&limits), None)];
    for (listener, (limits, acceptor)) in app.listeners.all().zip(own) {
        listener.renew(limits, acceptor, hints);
    }
    told
}

fn tell(done: &Result<Reloaded, Vec<Fault>>) {
    match done {
        Ok(Reloaded { changed, needs_restart }) => {
            let (changed, waiting) = (changed.join(", "), needs_restart.join(", "));
            info!(changed, needs_restart = waiting, "configuration reloaded");
            if !needs_restart.is_empty() {
                warn!(
                    needs_restart = waiting,
                    "keys of the configuration count from the next start or hand-over on"
                );
            }
        }
        Err(faults) => {
            for fault in faults {
                error!(fault = fault.told(), "configuration not reloaded, the one before stays");
            }
        }
    }
    let result = if done.is_ok() { "done" } else { "failed" };
    counter!("composer_reloads_total", "result" => result).increment(1);
    gauge!("composer_reload_ok").set(if done.is_ok() { 1.0 } else { 0.0 });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if done.is_ok() {
        gauge!("composer_reload_success_timestamp_seconds").set(now.as_secs_f64());
    }
}

/// Names the file in an error's place for the API.
pub(crate) fn place(fault: &Fault, file: &Path) -> String {
    match fault {
        Fault::Breach(breach) => format!("{}:{}", breach.file, breach.line),
        _ => file.display().to_string(),
    }
}
