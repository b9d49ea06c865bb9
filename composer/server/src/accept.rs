//! Takes connections off one listener, within its cap, until the stop begins.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use metrics::counter;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::{
    config::Limits,
    connection::{self, Door},
    drain::Drain,
    handler::Handler,
    request::Peer,
};

/// How long a connection over the cap may wait for another to end.
const CAP_WAIT: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One listener and what stands behind it.
pub(crate) struct Listener {
    pub(crate) name: &'static str,
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Handler,
    pub(crate) limits: Limits,
    pub(crate) drain: Drain,
}

/// Accepts until the stop begins, then closes the listener and waits for its connections.
pub(crate) async fn accept(listener: Listener) {
    let tasks = TaskTracker::new();
    let places = Arc::new(Semaphore::new(listener.limits.connections));
    let door = Arc::new(Door::new(
        listener.name,
        listener.router,
        listener.limits,
        listener.drain.clone(),
    ));
    let mut pause = Duration::ZERO;
    loop {
        let accepted = tokio::select! {
            biased;
            () = listener.drain.started() => break,
            accepted = listener.listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause = next_pause(pause, &error);
                sleep(pause).await;
                continue;
            }
        };
        pause = Duration::ZERO;
        let Some(place) = place(&places, listener.name).await else {
            continue;
        };
        let (door, tls) = (door.clone(), listener.tls.clone());
        tasks.spawn(serve(door, tls, stream, address, place));
    }
    drop(listener.listener);
    tasks.close();
    tasks.wait().await;
}

async fn serve(
    door: Arc<Door>,
    tls: Option<TlsAcceptor>,
    stream: TcpStream,
    address: SocketAddr,
    place: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection lost at its start");
        return;
    }
    let peer = Peer {
        address,
        tls: tls.is_some(),
    };
    let Some(tls) = tls else {
        return connection::serve(&door, stream, peer, place).await;
    };
    let handshake = tokio::select! {
        () = door.drain.started() => return,
        handshake = timeout(door.limits.head, tls.accept(stream)) => handshake,
    };
    match handshake {
        Ok(Ok(stream)) => connection::serve(&door, stream, peer, place).await,
        Ok(Err(error)) => debug!(%error, "TLS handshake failed"),
        Err(_) => debug!("TLS handshake took too long"),
    }
}

/// A place under the cap; over it, a short wait, in which the next clients wait in the kernel's queue.
async fn place(places: &Arc<Semaphore>, listener: &'static str) -> Option<OwnedSemaphorePermit> {
    if let Ok(place) = places.clone().try_acquire_owned() {
        return Some(place);
    }
    let waited = timeout(CAP_WAIT, places.clone().acquire_owned()).await;
    if let Ok(Ok(place)) = waited {
        return Some(place);
    }
    counter!("composer_connections_refused_total", "listener" => listener).increment(1);
    warn!(listener, "connection refused, the cap is reached");
    None
}

/// A client that left costs no pause; a want of files or memory does, or the loop would spin.
fn next_pause(last: Duration, error: &io::Error) -> Duration {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        return Duration::ZERO;
    }
    warn!(%error, "connection not accepted");
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
            pause = next_pause(pause, &no_files);
            pause.as_millis()
        })
        .take(9)
        .collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        assert_eq!(
            next_pause(pause, &io::ErrorKind::ConnectionAborted.into()),
            Duration::ZERO
        );
    }
}
