//! Live events: what the apps' BFFs publish, kept for a while and handed on to the tabs that want it.
//!
//! The truth is in the apps' own logs. A composer reads them and keeps the last of each: who comes back with a place finds what
//! was missed, from whichever composer.

pub(crate) mod readers;
mod feed;
mod wire;
pub(crate) mod ring;
pub(crate) mod cursor;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{PoisonError, RwLock},
};

use contract::{AppName, feed::Place};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::places::Places;
use ring::{Event, OutOfOrder, Ring};

/// The last events of all apps, and places for the tabs that listen.
pub(crate) struct Events {
    rings: RwLock<BTreeMap<AppName, Ring>>,
    changes: watch::Sender<()>,
    tabs: Places,
}

impl Events {
    /// For so many tabs at most.
    pub(crate) fn new(tabs: usize) -> Self {
        Self {
            rings: RwLock::default(),
            changes: watch::Sender::new(()),
            tabs: Places::new(tabs),
        }
    }

    /// Has so many places for tabs from now on.
    pub(crate) fn resize(&self, tabs: usize) {
        self.tabs.resize(tabs);
    }

    /// A place for one more tab, if there is one.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.tabs.try_take()
    }

    /// Tells each time that there is something new of any app.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Looks at the last events of `app`; `None` while nothing is known of it.
    pub(crate) fn look<T>(&self, app: &AppName, look: impl FnOnce(&Ring) -> T) -> Option<T> {
        let rings = self.rings.read().unwrap_or_else(PoisonError::into_inner);
        rings.get(app).map(look)
    }

    /// Where the log of `app` has been read up to.
    fn head(&self, app: &AppName) -> Option<Place> {
        self.look(app, Ring::head)
    }

    /// Begins anew with `app`.
    fn open(&self, app: &AppName, ring: Ring) {
        self.change(|rings| rings.insert(app.clone(), ring));
    }

    fn push(&self, app: &AppName, event: Event) -> Result<(), OutOfOrder> {
        self.change(|rings| rings.get_mut(app).map_or(Err(OutOfOrder), |ring| ring.push(event)))
    }

    /// Forgets the events of all other apps.
    fn retain(&self, keep: impl Fn(&AppName) -> bool) {
        self.change(|rings| rings.retain(|app, _| keep(app)));
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<AppName, Ring>) -> T) -> T {
        let changed = change(&mut self.rings.write().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_replace(());
        changed
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("tabs", &self.tabs.taken())
            .finish_non_exhaustive()
    }
}
