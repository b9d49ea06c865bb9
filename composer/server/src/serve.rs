//! Starts the composer, hands it over, and stops it.

use std::{
    fmt,
    net::SocketAddr,
    os::fd::{AsFd, OwnedFd},
    process::Command,
    sync::Arc,
    time::Duration,
};

use metrics::counter;
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::{Instant, sleep, timeout_at},
};
use tracing::{info, warn};

use crate::{
    accept::{Reception, Taking, accept},
    app::App,
    aside::Aside,
    config::Config,
    drain::Drain,
    fault::{Fault, StartError},
    handler::Handler,
    handover::{HandOverError, Successor},
    http::{admin, router},
    reload::{self, Reloaded},
    sockets::{self, Bound, Given, Keeper},
    tls, wiring,
};

/// What was taken last has this time for its first request, before idle connections are closed.
const LAST: Duration = Duration::from_millis(50);
/// So long kept connections last after a hand-over at least: their next reply says that it is their last.
const HANDED_OVER: Duration = Duration::from_secs(1);

/// A composer that has everything it needs, and serves nobody yet.
pub struct Prepared {
    app: App,
    tls: Option<tokio_rustls::TlsAcceptor>,
    public: Bound,
    admin: Bound,
    aside: Aside,
}

/// A composer that serves.
#[derive(Debug)]
pub struct Running {
    /// Where pages are served.
    pub public: SocketAddr,
    /// Where health and metrics are served.
    pub admin: SocketAddr,
    app: App,
    public_side: Side,
    admin_side: Side,
}

/// One listener and its connections.
#[derive(Debug)]
struct Side {
    reception: Arc<Reception>,
    taking: watch::Sender<Taking>,
    task: JoinHandle<()>,
    drain: Drain,
    /// A second handle of the socket, to be passed on; `None` when there are no more files, then it can't be.
    passable: Option<OwnedFd>,
    keeper: Keeper,
}

/// Starts a composer on the current runtime.
///
/// # Errors
/// Everything that stands in the way, in one go.
pub async fn start(config: Config) -> Result<Running, StartError> {
    Ok(prepare(config, Given::default()).await?.serve())
}

/// Prepares a composer on the current runtime; sockets that are given are listened at instead of new ones.
///
/// # Errors
/// Everything that stands in the way, in one go.
pub async fn prepare(config: Config, mut given: Given) -> Result<Prepared, StartError> {
    let mut faults = Vec::new();
    let mut keep = |fault: Fault| faults.push(fault);
    let acceptor = config.tls.as_ref().map(tls::acceptor).transpose();
    let acceptor = acceptor.map_err(|error| keep(error.into())).ok();
    let public = listen("listen", config.listen, &mut given)
        .await
        .map_err(&mut keep)
        .ok();
    let admin = listen("admin_listen", config.admin_listen, &mut given)
        .await
        .and_then(|admin| aside(admin, config.admin_listen))
        .map_err(&mut keep)
        .ok();
    given.unwanted().for_each(|address| keep(Fault::Unwanted { address }));
    let app = wiring::build(config)
        .await
        .map_err(|more| faults.extend(more.into_iter().map(Fault::from)))
        .ok();
    match (acceptor, app, public, admin) {
        (Some(tls), Some(app), Some(public), Some((admin, aside))) if faults.is_empty() => Ok(Prepared {
            app,
            tls,
            public,
            admin,
            aside,
        }),
        _ => Err(StartError(faults)),
    }
}

async fn listen(key: &'static str, address: SocketAddr, given: &mut Given) -> Result<Bound, Fault> {
    let listening = sockets::listen(key, address, given).await;
    listening.map_err(|source| Fault::Listen { key, address, source })
}

/// Health checks and operators wait for no page: what they ask has a thread of its own.
fn aside(admin: Bound, address: SocketAddr) -> Result<(Bound, Aside), Fault> {
    let aside = Aside::start("admin").map_err(Fault::Thread)?;
    let admin = admin.within(aside.handle()).map_err(|source| Fault::Listen {
        key: "admin_listen",
        address,
        source,
    })?;
    Ok((admin, aside))
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = [self.public.address, self.admin.address];
        f.debug_struct("Prepared")
            .field("addresses", &addresses)
            .finish_non_exhaustive()
    }
}

impl Prepared {
    /// Serves from now on.
    pub fn serve(self) -> Running {
        let Self {
            app,
            tls,
            public,
            admin,
            aside,
        } = self;
        let (public_at, admin_at) = (public.address, admin.address);
        // Before anything is counted.
        admin::recorder();
        wiring::run(&app, vec![public_at, admin_at]);
        let limits = app.config().limits.clone();
        let admin_drain = Drain::default();
        aside.handle().spawn(admin::keep_up(admin_drain.clone()));
        let routes = Handler::from(admin::routes(app.clone(), admin_drain.clone()));
        let reception = Reception::new("admin", routes, admin_drain.clone(), reload::of_admin(&limits), None);
        let admin_side = Side::open(admin, reception, admin_drain, Some(aside));
        let routes = router::public(app.clone());
        let reception = Reception::new("public", routes, app.drain.clone(), limits, tls);
        let public_side = Side::open(public, reception, app.drain.clone(), None);
        app.listeners.are(&public_side.reception, &admin_side.reception);
        info!(public = %public_at, admin = %admin_at, "composer started");
        Running {
            public: public_at,
            admin: admin_at,
            app,
            public_side,
            admin_side,
        }
    }

    /// Serves from now on, as the successor of a composer that has just stopped to: what it wrote down last counts.
    pub async fn succeed(self) -> Running {
        self.app.instances.read_again().await;
        self.app.place_all(&self.app.registry.snapshot());
        self.serve()
    }
}

impl Side {
    /// Takes connections from now on; `aside` where they aren't this runtime's.
    fn open(bound: Bound, reception: Arc<Reception>, drain: Drain, aside: Option<Aside>) -> Self {
        let (taking, taken) = watch::channel(Taking::Open);
        let passable = bound.listener.as_fd().try_clone_to_owned();
        let passable = passable.inspect_err(|error| warn!(%error, "a listener can't be handed over"));
        let keeper = bound.keeper;
        let accepting = accept(bound, Arc::clone(&reception), taken);
        let task = match aside {
            Some(aside) => tokio::spawn(async { aside.run(accepting).await.unwrap_or_else(broke) }),
            None => tokio::spawn(accepting),
        };
        Self {
            keeper,
            task,
            passable: passable.ok(),
            reception,
            taking,
            drain,
        }
    }

    /// Takes no more connections.
    fn close(&mut self) {
        // The kernel closes a socket with its last handle.
        self.passable = None;
        self.taking.send_replace(Taking::Over);
    }
}

impl Running {
    /// Starts a successor by `command`, with this composer's listeners, and waits until it is ready. Dropping it ends it.
    ///
    /// # Errors
    /// When it can't be started, ends, or isn't ready in time.
    pub async fn successor(&self, command: Command) -> Result<Successor, HandOverError> {
        if std::process::id() == 1 {
            return Err(HandOverError::First).inspect_err(not_handed_over);
        }
        let (Some(public), Some(admin)) = (&self.public_side.passable, &self.admin_side.passable) else {
            return Err(HandOverError::Leaving);
        };
        let listeners = [
            (public.as_fd(), self.public_side.keeper),
            (admin.as_fd(), self.admin_side.keeper),
        ];
        let mut successor = Successor::start(command, listeners).inspect_err(not_handed_over)?;
        info!(process.id = successor.id(), "successor started");
        successor.ready().await.inspect_err(not_handed_over)?;
        Ok(successor)
    }

    /// Lets `successor` serve instead; tells its process id. What is left is to [`drain`](Self::drain).
    ///
    /// # Errors
    /// When it doesn't; then this one goes on.
    pub async fn hand_over(&self, mut successor: Successor) -> Result<u32, HandOverError> {
        let sides = [&self.public_side, &self.admin_side];
        // Clients wait in the kernel's queue until one of both takes them.
        for side in sides {
            side.taking.send_replace(Taking::Paused);
        }
        self.app.instances.hold().await;
        if let Err(error) = successor.go().await {
            not_handed_over(&error);
            drop(successor);
            self.app.instances.go_on();
            for side in sides {
                side.taking.send_replace(Taking::Open);
            }
            return Err(error);
        }
        for side in sides {
            side.drain.succeed();
            side.taking.send_replace(Taking::Over);
        }
        let id = successor.id();
        successor.release();
        counter!(HAND_OVERS, "result" => "done").increment(1);
        info!(process.id = id, "successor serves");
        Ok(id)
    }

    /// Reads the configuration anew; says in the log and the metrics what came of it.
    ///
    /// # Errors
    /// All that is wrong with it; then the one before stays.
    pub async fn reload(&self) -> Result<Reloaded, StartError> {
        reload::reload(&self.app).await.map_err(StartError)
    }

    /// Stops: nothing new is taken, what runs may end within `drain_ms`, then it is cut.
    ///
    /// Health and readiness are answered to the end.
    pub async fn drain(mut self) {
        info!("composer stops");
        let limits = self.app.config().limits.clone();
        let ends = Instant::now() + limits.drain;
        let drain = &self.app.drain;
        drain.leave();
        let mut delay = limits.drain_delay;
        if drain.has_successor() {
            delay = delay.max(HANDED_OVER);
            self.admin_side.close();
            self.public_side.close();
        }
        if self.public_side.keeper == Keeper::Supervisor {
            // What comes from now on waits for the next process.
            self.public_side.close();
        }
        sleep(delay.min(limits.drain)).await;
        self.public_side.close();
        sleep(LAST.min(limits.drain)).await;
        drain.start();
        if drain.has_successor() {
            self.admin_side.drain.start();
        }
        let mut public = self.public_side.task;
        if timeout_at(ends, &mut public).await.is_err() {
            warn!("connections are cut, the time to stop is over");
            drain.end();
            settle(public).await;
        }
        drain.end();
        self.admin_side.passable = None;
        self.admin_side.drain.end();
        settle(self.admin_side.task).await;
        info!("composer stopped");
    }
}

const HAND_OVERS: &str = "composer_hand_overs_total";

fn not_handed_over(_: &HandOverError) {
    counter!(HAND_OVERS, "result" => "failed").increment(1);
}

async fn settle(task: JoinHandle<()>) {
    task.await.unwrap_or_else(broke);
}

fn broke(error: JoinError) {
    warn!(%error, "a listener broke");
}
