//! One connection, from its first byte to its end, within the time that it may take.

mod stream;
mod streams;
mod activity;

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use metrics::gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OwnedSemaphorePermit,
    time::sleep,
};
use tower::Service;
use tracing::debug;

use self::{
    activity::{Activity, Expired},
    stream::{Guarded, Watched},
    streams::Streams,
};
use crate::{config::Limits, drain::Drain, handler::Handler, request::Peer};

/// How long an idle HTTP/2 client may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What all connections of a listener share.
pub(crate) struct Door {
    pub(crate) limits: Limits,
    pub(crate) drain: Drain,
    name: &'static str,
    router: Handler,
    builder: Builder<Streams>,
}

impl Door {
    pub(crate) fn new(name: &'static str, router: Handler, limits: Limits, drain: Drain) -> Self {
        Self {
            builder: builder(&limits),
            limits,
            drain,
            name,
            router,
        }
    }
}

/// Serves one connection until either side ends it, it stands still for too long, or the stop's time is over.
pub(crate) async fn serve<S>(door: &Door, stream: S, peer: Peer, place: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::new(&door.limits));
    let open = gauge!("composer_connections_open", "listener" => door.name);
    let stream = Watched::new(
        stream,
        activity.clone(),
        door.limits.write_stall,
        (place, Open::new(open)),
    );
    let service = service_fn(|request| answer(door.router.clone(), peer, &activity, request));
    let mut connection = pin!(
        door.builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
    );
    let mut expired = pin!(activity.expired());
    let cause = tokio::select! {
        biased;
        ended = connection.as_mut() => return note(ended),
        expired = expired.as_mut() => Some(expired),
        () = door.drain.started() => None,
    };
    debug!(?cause, "connection is to end");
    if cause == Some(Expired::Head) {
        return;
    }
    connection.as_mut().graceful_shutdown();
    let goodbye = async {
        match cause {
            Some(_) => sleep(GOODBYE).await,
            None => expire_while_draining(expired.as_mut()).await,
        }
    };
    tokio::select! {
        biased;
        ended = connection => note(ended),
        () = goodbye => {}
        () = door.drain.ended() => {}
    }
}

async fn expire_while_draining(expired: std::pin::Pin<&mut impl Future<Output = Expired>>) {
    expired.await;
}

fn note(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        debug!(%error, "connection broke");
    }
}

fn answer(
    mut router: Handler,
    peer: Peer,
    activity: &Arc<Activity>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Guarded>, Infallible>> + use<> {
    let in_flight = activity.begin(request.version());
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(peer);
    let response = router.call(request);
    async move { Ok(response.await?.map(|body| Guarded::new(body, in_flight))) }
}

fn builder(limits: &Limits) -> Builder<Streams> {
    let head_bytes = u32::try_from(limits.head_bytes).unwrap_or(u32::MAX);
    let mut builder = Builder::new(Streams {
        write_stall: limits.write_stall,
    });
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.head_fields);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.idle)
        .keep_alive_timeout(limits.head)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(head_bytes)
        .max_send_buf_size(64 << 10);
    builder
}

/// Counts an open connection for as long as it lives, upgraded or not.
struct Open(metrics::Gauge);

impl Open {
    fn new(gauge: metrics::Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
