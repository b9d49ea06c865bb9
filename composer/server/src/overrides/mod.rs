//! Developers' own versions, shown inside of the application to those alone who have opened them.

mod badge;
mod table;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use composer_registry::LoadedApp;
use contract::{AppVersion, Prefix};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};
use tracing::info;

pub(crate) use badge::badge;
use table::Table;
pub(crate) use table::{Override, OverrideError, Planned, RENEW, Wanted, is_build_of};

use crate::{
    clock::now_s,
    keys::{Keys, Signer},
    visitor::cookie,
};

/// The cookie that opens an override.
pub(crate) const OVERRIDE_COOKIE: &str = "marquetry-override";
/// A link opens an override for so long after it was given.
const LINK_S: u64 = 600;

/// All overrides that are open.
#[derive(Debug)]
pub(crate) struct Overrides {
    enabled: bool,
    table: Mutex<Table>,
    /// False as long as none is open: then no request looks for its cookie.
    any: AtomicBool,
    changes: watch::Sender<u64>,
}

/// What a link or a cookie says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// The override's id.
    o: String,
    exp: u64,
}

/// An override as it was opened or renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) version: AppVersion,
    /// The path to open in the browser that is to see it.
    pub(crate) open: String,
    pub(crate) expires_at_ms: u64,
}

impl Overrides {
    /// None is open.
    pub(crate) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            table: Mutex::default(),
            any: AtomicBool::new(false),
            changes: watch::Sender::new(0),
        }
    }

    /// Says what `wanted` comes to: what its version is called, and whether anything but its lease changes.
    ///
    /// # Errors
    /// When overrides are off, there are too many, or the id is of somebody else's.
    pub(crate) fn plan(&self, wanted: &Wanted<'_>) -> Result<Planned, OverrideError> {
        if !self.enabled {
            return Err(OverrideError::Off);
        }
        self.table().plan(wanted, now_s())
    }

    /// Shows the build that was planned; `None` renews one that is the same.
    ///
    /// # Errors
    /// When one to renew was closed meanwhile, or others have taken its id or its place.
    pub(crate) fn put(
        &self,
        planned: &Planned,
        wanted: &Wanted<'_>,
        app: Option<Arc<LoadedApp>>,
    ) -> Result<(), OverrideError> {
        let now = Instant::now();
        let Some(app) = app else {
            let id = planned.id.clone();
            let renewed = self.table().renew(&id, now);
            return renewed.then_some(()).ok_or(OverrideError::Over { id });
        };
        self.table().put(planned, wanted, app, now)?;
        self.changed();
        if planned.is_new {
            info!(override.id = planned.id, app.version = %planned.version, by = wanted.owner, "override opened");
        }
        Ok(())
    }

    /// Closes an override.
    pub(crate) fn close(&self, id: &str) -> Option<Arc<Override>> {
        let closed = self.table().close(id)?;
        info!(override.id = closed.id, app.version = %closed.version, "override closed");
        self.changed();
        Some(closed)
    }

    /// Closes what has ended.
    pub(crate) fn expire(&self) -> Vec<Arc<Override>> {
        let ended = self.table().expire(Instant::now(), now_s());
        for open in &ended {
            info!(override.id = open.id, app.version = %open.version, "override ended");
        }
        if !ended.is_empty() {
            self.changed();
        }
        ended
    }

    /// The override with this id.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Override>> {
        self.table().get(id).cloned()
    }

    /// All that are open.
    pub(crate) fn all(&self) -> Vec<Arc<Override>> {
        self.table().iter().cloned().collect()
    }

    /// The override that a request's cookie opens.
    pub(crate) fn of(&self, headers: &HeaderMap, keys: &Keys) -> Option<Arc<Override>> {
        if !self.any.load(Relaxed) {
            return None;
        }
        self.get(&Self::id_in(headers, keys)?)
    }

    /// The id in a request's cookie, whether or not such an override is open.
    pub(crate) fn id_in(headers: &HeaderMap, keys: &Keys) -> Option<String> {
        read(&keys.overrides, cookie(headers, OVERRIDE_COOKIE)?)
    }

    /// Tells each time that an override is opened, changed or closed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What the developer is told of an override: the link is new each time.
    pub(crate) fn opened(planned: &Planned, keys: &Keys, prefix: &Prefix) -> Opened {
        let token = sign(&keys.links, &planned.id, now_s() + LINK_S);
        Opened {
            id: planned.id.clone(),
            version: planned.version.clone(),
            open: format!("{}/override?token={token}", prefix.as_str()),
            expires_at_ms: planned.expires_at_s * 1_000,
        }
    }

    /// The override that a link opens, with the text for its cookie.
    pub(crate) fn open_link(&self, token: &str, keys: &Keys) -> Option<(Arc<Override>, String)> {
        let open = self.get(&read(&keys.links, token)?)?;
        let cookie = sign(&keys.overrides, &open.id, open.expires_at_s);
        Some((open, cookie))
    }

    fn changed(&self) {
        self.any.store(!self.table().is_empty(), Relaxed);
        self.changes.send_modify(|count| *count += 1);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sign(signer: &Signer, id: &str, exp: u64) -> String {
    signer.sign(&Claims { o: id.into(), exp })
}

fn read(signer: &Signer, text: &str) -> Option<String> {
    signer.read::<Claims>(text).map(|claims| claims.o)
}
