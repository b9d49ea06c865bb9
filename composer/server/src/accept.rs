//! Takes connections off one listener, within its cap, until the stop begins.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use metrics::counter;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, MutexGuard, OwnedSemaphorePermit, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::{
    config::{EarlyHints, Limits},
    connection::{self, Door},
    drain::Drain,
    handler::Handler,
    places::Places,
    request::Peer,
    sockets::{Bound, Keeper},
};

/// How long a connection over the cap may wait for another to end.
const CAP_WAIT: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whether connections are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// They are.
    Open,
    /// They wait in the kernel's queue.
    Paused,
    /// No more are, from now on.
    Over,
}

/// Both listeners of a composer, for whoever changes what they go by.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    known: OnceLock<[Weak<Reception>; 2]>,
    turn: Mutex<()>,
}

impl Listeners {
    /// Names them, once: the public one, and the admin one.
    pub(crate) fn are(&self, public: &Arc<Reception>, admin: &Arc<Reception>) {
        self.known.get_or_init(|| [public, admin].map(Arc::downgrade));
    }

    /// Those that are still there, the public one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<Reception>> {
        self.known.get().into_iter().flatten().filter_map(Weak::upgrade)
    }

    /// Waits until nobody else changes them.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

/// What stands behind a listener.
pub(crate) struct Reception {
    name: &'static str,
    router: Handler,
    drain: Drain,
    places: Places,
    terms: ArcSwap<Terms>,
}

/// What a new connection is served by; those that are open keep theirs.
struct Terms {
    door: Arc<Door>,
    tls: Option<TlsAcceptor>,
}

impl fmt::Debug for Reception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reception")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Reception {
    pub(crate) fn new(
        name: &'static str,
        router: Handler,
        drain: Drain,
        limits: Limits,
        tls: Option<TlsAcceptor>,
    ) -> Arc<Self> {
        Arc::new(Self {
            places: Places::new(limits.connections),
            terms: ArcSwap::from_pointee(Terms {
                door: Arc::new(Door::new(name, router.clone(), limits, drain.clone())),
                tls,
            }),
            name,
            router,
            drain,
        })
    }

    /// Serves new connections within other limits, by another certificate, and with other hints.
    pub(crate) fn renew(&self, limits: Limits, tls: Option<TlsAcceptor>, hints: EarlyHints) {
        self.places.resize(limits.connections);
        let router = self.router.clone().hinting(hints);
        let door = Door::new(self.name, router, limits, self.drain.clone());
        let door = Arc::new(door);
        self.terms.store(Arc::new(Terms { door, tls }));
    }
}

/// Accepts until the stop begins or taking is over, then closes the listener and waits for its connections.
pub(crate) async fn accept(bound: Bound, reception: Arc<Reception>, mut taking: watch::Receiver<Taking>) {
    let tasks = TaskTracker::new();
    let mut pause = Duration::ZERO;
    loop {
        let accepted = tokio::select! {
            biased;
            () = reception.drain.started() => break,
            accepted = next(&bound.listener, &mut taking) => accepted,
        };
        let (stream, address) = match accepted {
            None => break,
            Some(Ok(accepted)) => accepted,
            Some(Err(error)) => {
                pause = next_pause(pause, &error, reception.name);
                sleep(pause).await;
                continue;
            }
        };
        pause = Duration::ZERO;
        if let Some(place) = place(&reception).await {
            let terms = reception.terms.load_full();
            tasks.spawn(serve(terms, stream, address, place));
        }
    }
    // What nobody else takes would be reset when the listener is closed.
    if bound.keeper == Keeper::Nobody && !reception.drain.has_successor() {
        for (stream, address) in queued(bound.listener) {
            if let Some(place) = reception.places.try_take() {
                tasks.spawn(serve(reception.terms.load_full(), stream, address, place));
            }
        }
    } else {
        drop(bound.listener);
    }
    tasks.close();
    tasks.wait().await;
}

/// The next connection, once they are taken; `None` when that is over.
async fn next(
    listener: &TcpListener,
    taking: &mut watch::Receiver<Taking>,
) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    loop {
        let now = *taking.borrow_and_update();
        tokio::select! {
            biased;
            // Nobody is left who could change it: then it is the stop that ends this.
            Ok(()) = taking.changed() => {}
            accepted = listener.accept(), if now == Taking::Open => return Some(accepted),
            () = std::future::ready(()), if now == Taking::Over => return None,
            else => return None,
        }
    }
}

/// The connections that wait in the listener's queue at this moment; closes it.
fn queued(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return vec![];
    };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    accepted
        .filter_map(|(stream, address)| {
            stream.set_nonblocking(true).ok()?;
            Some((TcpStream::from_std(stream).ok()?, address))
        })
        .collect()
}

async fn serve(terms: Arc<Terms>, stream: TcpStream, address: SocketAddr, place: OwnedSemaphorePermit) {
    let door = &terms.door;
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection lost at its start");
        return;
    }
    let peer = Peer {
        address,
        tls: terms.tls.is_some(),
    };
    let Some(tls) = terms.tls.clone() else {
        return connection::serve(door, stream, peer, place).await;
    };
    let handshake = tokio::select! {
        () = door.drain.ended() => return,
        handshake = timeout(door.limits.head, tls.accept(stream)) => handshake,
    };
    match handshake {
        Ok(Ok(stream)) => connection::serve(door, stream, peer, place).await,
        Ok(Err(error)) => debug!(%error, "TLS handshake failed"),
        Err(_) => debug!("TLS handshake took too long"),
    }
}

/// A place under the cap; over it, a short wait, in which the next clients wait in the kernel's queue.
async fn place(reception: &Reception) -> Option<OwnedSemaphorePermit> {
    if let Some(place) = reception.places.try_take() {
        return Some(place);
    }
    if let Ok(place) = timeout(CAP_WAIT, reception.places.take()).await {
        return Some(place);
    }
    let listener = reception.name;
    counter!("composer_connections_refused_total", "listener" => listener).increment(1);
    warn!(listener, "connection refused, the cap is reached");
    None
}

/// A client that left costs no pause; a want of files or memory does, or the loop would spin.
fn next_pause(last: Duration, error: &io::Error, listener: &'static str) -> Duration {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        return Duration::ZERO;
    }
    counter!("composer_accept_failures_total", "listener" => listener).increment(1);
    warn!(%error, listener, "connection not accepted");
    (last * 2).clamp(Duration::from_millis(10), LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_want_of_files_is_waited_out_ever_longer() {
        let no_files = io::Error::from_raw_os_error(24);
        let mut pause = Duration::ZERO;
        let pauses: Vec<u128> = std::iter::repeat_with(|| {
            pause = next_pause(pause, &no_files, "public");
            pause.as_millis()
        })
        .take(9)
        .collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        assert_eq!(
            next_pause(pause, &io::ErrorKind::ConnectionAborted.into(), "public"),
            Duration::ZERO
        );
    }
}
