//! One instance: where it listens, the idle connections to it, what is under way, and how it is doing.

use std::{
    collections::VecDeque,
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use contract::AppVersion;
use http::{HeaderValue, Request};
use hyper_util::client::legacy::ResponseFuture;
use metrics::counter;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::{
    Config, FetchError, InstanceState,
    client::{AnyBody, OriginClient},
    connection::Connection,
    health::{Change, Health, Standing},
    target::Target,
    text::chain,
};

/// One place where instances of a version listen.
#[derive(Debug)]
pub(crate) struct Origin {
    app: AppVersion,
    target: Arc<Target>,
    idle: Mutex<VecDeque<Connection>>,
    client: OriginClient,
    fetches: AtomicUsize,
    exchanges: AtomicUsize,
    health: Health,
}

/// An instance as status pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceView {
    /// `http://host:port`.
    pub origin: String,
    /// How it is doing.
    pub state: InstanceState,
    /// Requests under way.
    pub in_flight: usize,
    /// What went wrong last, if that was in the last five minutes.
    pub last_error: Option<String>,
}

/// What a request is for: each kind has a limit of its own, so that streams of browsers leave room for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Fetch,
    Exchange,
}

/// One request's share of an instance, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    origin: Arc<Origin>,
    lane: Lane,
    probe: bool,
}

impl Origin {
    pub(crate) fn new(app: AppVersion, target: Target) -> Self {
        Self {
            app,
            target: Arc::new(target),
            idle: Mutex::default(),
            client: OriginClient::default(),
            fetches: AtomicUsize::new(0),
            exchanges: AtomicUsize::new(0),
            health: Health::new(),
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The value of `host`.
    pub(crate) fn authority(&self) -> &HeaderValue {
        self.target.host_header()
    }

    pub(crate) fn standing(&self) -> Standing {
        self.health.standing()
    }

    pub(crate) fn claim_probe(&self) -> bool {
        self.health.claim_probe()
    }

    /// Requests under way, of all kinds.
    pub(crate) fn load(&self) -> usize {
        self.fetches.load(Relaxed) + self.exchanges.load(Relaxed)
    }

    pub(crate) fn view(&self) -> InstanceView {
        InstanceView {
            origin: format!("http://{}", self.target.address.authority()),
            state: self.health.state(),
            in_flight: self.load(),
            last_error: self.health.last_error(),
        }
    }

    /// The idle connection that was used last.
    pub(crate) fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while let Some(connection) = idle.pop_back() {
            if connection.is_usable(self.config(), now) {
                return Some(connection);
            }
        }
        None
    }

    pub(crate) async fn connect(&self) -> Result<Connection, FetchError> {
        Connection::open(&self.target).await
    }

    /// Keeps `connection` for another request, if one may follow. Those that are over, [`Self::sweep`] closes.
    pub(crate) fn give_back(&self, connection: Connection) {
        let Some(connection) = connection.rest() else { return };
        let config = self.config();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < config.max_idle_per_origin {
            idle.push_back(connection);
        }
    }

    /// Closes idle connections whose time is over, or that the instance has closed: nobody may ask for long.
    pub(crate) fn sweep(&self) {
        let config = self.config();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        idle.retain(|connection| connection.is_usable(config, now));
    }

    /// Sends what a browser asks, on a connection from a pool of the origin's own.
    pub(crate) fn request(&self, request: Request<AnyBody>) -> ResponseFuture {
        self.client.request(&self.target, request)
    }

    /// Takes the result of a check; tells whether the instance has come back by it.
    pub(crate) fn checked(&self, result: Result<(), String>) -> bool {
        let is_back = result.is_ok() && self.health.has_failed_check();
        let change = self.health.checked(&self.config().health, result);
        self.tell(change);
        is_back
    }

    /// Tells whether it is worth checking more often.
    pub(crate) fn is_ill(&self) -> bool {
        self.health.is_ill()
    }

    pub(crate) fn config(&self) -> &Config {
        self.target.config()
    }

    fn in_lane(&self, lane: Lane) -> (&AtomicUsize, usize) {
        match lane {
            Lane::Fetch => (&self.fetches, self.config().max_in_flight_per_origin),
            Lane::Exchange => (&self.exchanges, self.config().max_exchanges_per_origin),
        }
    }

    fn tell(&self, change: Option<Change>) {
        let Some(change) = change else { return };
        let (origin, app) = (self.target.address.authority().as_str(), &self.app);
        let error = self.health.last_error();
        match change {
            Change::Ejected { lasts } => {
                counter!("composer_fetch_ejections_total", "app" => app.app.to_string()).increment(1);
                let lasts_ms = lasts.as_millis();
                warn!(%app, origin, lasts_ms, error, "instance ejected");
            }
            Change::Unhealthy => warn!(%app, origin, error, "instance unhealthy"),
            Change::Healthy => info!(%app, origin, "instance healthy"),
            Change::Readmitted => info!(%app, origin, "instance readmitted"),
        }
    }
}

impl Turn {
    /// Counts one more request to `origin`; `probe` tells that the claim to try an ejected one goes with it.
    pub(crate) fn take(origin: Arc<Origin>, lane: Lane, probe: bool) -> Result<Self, FetchError> {
        let turn = Self { origin, lane, probe };
        let (under_way, limit) = turn.origin.in_lane(lane);
        if under_way.fetch_add(1, Relaxed) < limit {
            Ok(turn)
        } else {
            Err(FetchError::Busy { limit })
        }
    }

    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// The instance did its part.
    pub(crate) fn succeeded(&self) {
        let change = self.origin.health.succeeded();
        self.origin.tell(change);
    }

    /// The instance failed: no connection, a broken one, or no answer in time.
    pub(crate) fn failed(&self, error: &dyn Error) {
        let change = self.origin.health.failed(&self.origin.config().health, chain(error));
        self.origin.tell(change);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.origin.in_lane(self.lane).0.fetch_sub(1, Relaxed);
        if self.probe {
            self.origin.health.release_probe();
        }
    }
}
