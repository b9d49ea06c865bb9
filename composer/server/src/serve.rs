//! Starts the composer, and stops it.

use std::{fmt, io, net::SocketAddr, time::Duration};

use contract::manifest::Breach;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
    time::timeout,
};
use tracing::{info, warn};

use crate::{
    accept::{Listener, accept},
    app::App,
    config::{Config, Limits},
    drain::Drain,
    handler::Handler,
    http::{admin, router},
    tls::{self, TlsError},
    wiring::{self, BuildError},
};

/// Instances renew their leases by it, each over a connection of its own.
const ADMIN_CONNECTIONS: usize = 1_024;

/// Everything that keeps a composer from starting.
#[derive(Debug)]
pub struct StartError(pub Vec<Fault>);

/// One thing that keeps a composer from starting.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A rule that a file breaks.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// TLS can't be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is nothing to serve.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address is not to be had.
    #[error("`{key}`: can't listen at {address}")]
    Listen {
        /// The key of the configuration.
        key: &'static str,
        /// What it says.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// A composer that serves.
#[derive(Debug)]
pub struct Running {
    /// Where pages are served.
    pub public: SocketAddr,
    /// Where health and metrics are served.
    pub admin: SocketAddr,
    drain: Drain,
    patience: Duration,
    public_task: JoinHandle<()>,
    admin_task: JoinHandle<()>,
    admin_drain: Drain,
}

/// Starts a composer on the current runtime.
///
/// # Errors
/// Everything that stands in the way, in one go.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let mut faults = Vec::new();
    let mut keep = |fault: Fault| faults.push(fault);
    let acceptor = config.tls.as_ref().map(tls::acceptor).transpose();
    let acceptor = acceptor.map_err(|error| keep(error.into())).ok();
    let public = listen("listen", config.listen).await.map_err(&mut keep).ok();
    let admin = listen("admin_listen", config.admin_listen)
        .await
        .map_err(&mut keep)
        .ok();
    let limits = config.limits.clone();
    let app = wiring::build(config)
        .await
        .map_err(|more| faults.extend(more.into_iter().map(Fault::from)))
        .ok();
    let (Some(acceptor), Some(app), Some(public), Some(admin)) = (acceptor, app, public, admin) else {
        return Err(StartError(faults));
    };
    wiring::run(&app, vec![public.address, admin.address]);
    Ok(run(
        app,
        limits,
        Public {
            listener: public,
            tls: acceptor,
        },
        admin,
    ))
}

struct Public {
    listener: Bound,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

async fn listen(key: &'static str, address: SocketAddr) -> Result<Bound, Fault> {
    let failed = |source| Fault::Listen { key, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

fn run(app: App, limits: Limits, public: Public, admin: Bound) -> Running {
    let drain = app.drain.clone();
    let patience = limits.drain;
    let admin_drain = Drain::default();
    let admin_limits = Limits {
        connections: ADMIN_CONNECTIONS,
        ..limits.clone()
    };
    let admin_routes = Handler::from(admin::routes(app.clone()));
    tokio::spawn(admin::keep_up(admin_drain.clone()));
    let spawn = |name, bound: TcpListener, tls, router: Handler, limits, drain: &Drain| {
        tokio::spawn(accept(Listener {
            name,
            listener: bound,
            tls,
            router,
            limits,
            drain: drain.clone(),
        }))
    };
    let (public_at, admin_at) = (public.listener.address, admin.address);
    let routes = router::public(app);
    let public_task = spawn("public", public.listener.listener, public.tls, routes, limits, &drain);
    let admin_task = spawn("admin", admin.listener, None, admin_routes, admin_limits, &admin_drain);
    info!(public = %public_at, admin = %admin_at, "composer started");
    Running {
        public: public_at,
        admin: admin_at,
        drain,
        patience,
        public_task,
        admin_task,
        admin_drain,
    }
}

impl Running {
    /// Stops: nothing new is taken, what runs may end within `drain_ms`, then it is cut.
    ///
    /// Health and readiness are answered to the end.
    pub async fn drain(self) {
        info!("composer stops");
        self.drain.start();
        let mut public = self.public_task;
        if timeout(self.patience, &mut public).await.is_err() {
            warn!("connections are cut, the time to stop is over");
            self.drain.end();
            settle(public).await;
        }
        self.drain.end();
        self.admin_drain.end();
        settle(self.admin_task).await;
        info!("composer stopped");
    }
}

async fn settle(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        warn!(%error, "a listener broke");
    }
}

/// The signals to stop, SIGTERM and SIGINT. From its making on they no longer end the process by themselves.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Begins to listen.
    ///
    /// # Errors
    /// When signals can't be listened to.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
            let mut source = std::error::Error::source(fault);
            while let Some(error) = source {
                write!(f, ": {error}")?;
                source = error.source();
            }
        }
        Ok(())
    }
}

impl std::error::Error for StartError {}
