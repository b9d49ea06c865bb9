//! Takes connections until it is told to stop, then lets requests under way end.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tower::ServiceExt;
use tracing::{debug, info, warn};

const MAX_CONNECTIONS: usize = 1_024;
/// Also bounds idle connections, so it is longer than the composer keeps them.
const HEADER_TIMEOUT: Duration = Duration::from_secs(120);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, then at most [`DRAIN_TIMEOUT`] longer.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            (stream, permit) = accept(&listener, &permits) => connection(stream, permit, &router, &graceful),
        }
    }
    drop(listener);
    info!(connections = graceful.count(), "stopping");
    if timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        warn!("requests were cut: they did not end in time");
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let permit = permits.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(error) => {
                // Mostly too many open files: trying on at once would only burn the processor.
                warn!(%error, "no connection was taken");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn connection(stream: TcpStream, permit: Option<OwnedSemaphorePermit>, router: &Router, graceful: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "no TCP_NODELAY");
    }
    let service = router
        .clone()
        .map_request(|request: http::Request<hyper::body::Incoming>| request.map(Body::new));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = connection.await {
            debug!(%error, "connection ended");
        }
    });
}

/// Done at SIGTERM or SIGINT.
pub(crate) async fn told_to_stop() -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
