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
/// How long requests under way may take after a stop.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, then at most `drain` longer.
pub(crate) async fn serve(listener: TcpListener, router: Router, drain: Duration, stop: impl Future<Output = ()>) {
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
    if timeout(drain, graceful.shutdown()).await.is_err() {
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::{Notify, oneshot},
    };

    use super::*;

    async fn connect(address: std::net::SocketAddr, request: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        Ok(stream)
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_stop_lets_requests_under_way_end_and_takes_no_more() {
        let (entered, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (seen, waits) = (entered.clone(), finish.clone());
        let slow = async move || {
            seen.notify_one();
            waits.notified().await;
            "done"
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/slow", get(slow));
        let server = tokio::spawn(serve(listener, router, DRAIN_TIMEOUT, async {
            let _ = stopped.await;
        }));
        let idle = connect(address, "").await.unwrap();
        let under_way = connect(address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        entered.notified().await;
        stop.send(()).unwrap();
        assert_eq!(rest(idle).await, "", "an idle connection is closed at once");
        assert!(connect(address, "").await.is_err(), "nobody listens any more");
        finish.notify_one();
        assert!(rest(under_way).await.ends_with("\r\n\r\ndone"));
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_that_never_ends_does_not_hold_up_the_stop() {
        let entered = Arc::new(Notify::new());
        let seen = entered.clone();
        let never = async move || {
            seen.notify_one();
            std::future::pending::<&'static str>().await
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/never", get(never));
        let server = tokio::spawn(serve(listener, router, Duration::from_millis(10), async {
            let _ = stopped.await;
        }));
        let _client = connect(address, "GET /never HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        entered.notified().await;
        stop.send(()).unwrap();
        server.await.unwrap();
    }
}
