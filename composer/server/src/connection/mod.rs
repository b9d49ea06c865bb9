//! One connection, from its first byte to its end, within the time that it may take.

mod http2;
mod exchange;
mod sending;
mod received;
mod cut;
mod fields;
mod preface;
mod stream;
mod turnstile;
mod interim;
mod activity;

use std::{
    convert::Infallible,
    fmt,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, extract::Request, response::Response};
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OwnedSemaphorePermit,
    time::sleep,
};
use tower::Service;
use tracing::debug;

pub(crate) use self::fields::date;
use self::{
    activity::{Activity, Expired},
    exchange::Terms,
    http2::{Http2, Http2Error},
    interim::Interim,
    preface::is_http2,
    stream::{Guarded, Watched},
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
    http1: http1::Builder,
}

impl Door {
    pub(crate) fn new(name: &'static str, router: Handler, limits: Limits, drain: Drain) -> Self {
        Self {
            http1: http1(&limits),
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
    let mut stream = Watched::new(
        stream,
        activity.clone(),
        door.limits.write_stall,
        (place, Open::new(open)),
    );
    let mut expired = pin!(activity.expired());
    let read = tokio::select! {
        biased;
        read = is_http2(&mut stream) => read,
        _ = expired.as_mut() => return,
        () = door.drain.started() => return,
    };
    match read {
        Ok(Some(true)) => {
            let terms = Terms {
                router: door.router.clone(),
                peer,
                limits: door.limits.clone(),
                drain: door.drain.clone(),
            };
            drive(
                door,
                pin!(Http2::new(stream, activity.clone(), Arc::new(terms))),
                expired,
            )
            .await;
        }
        Ok(Some(false)) => {
            if door.router.may_turn_away() {
                stream.refuse(door.router.clone());
            }
            let interim = door.router.hints_http1().then(Arc::<Interim>::default);
            if let Some(interim) = &interim {
                stream.hint(interim.clone());
            }
            let service = service_fn(|request| answer(door.router.clone(), peer, &activity, &interim, request));
            let connection = door.http1.serve_connection(TokioIo::new(stream), service);
            drive(door, pin!(connection.with_upgrades()), expired).await;
        }
        Ok(None) => {}
        Err(error) => debug!(%error, "connection broke"),
    }
}

/// A connection under way.
trait Connection: Future<Output = Result<(), Self::Error>> {
    type Error: fmt::Display;

    /// Lets the requests under way end, and then the connection.
    fn finish(self: Pin<&mut Self>);
}

async fn drive<C: Connection>(
    door: &Door,
    mut connection: Pin<&mut C>,
    mut expired: Pin<&mut impl Future<Output = Expired>>,
) {
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
    connection.as_mut().finish();
    let goodbye = async {
        match cause {
            Some(_) => sleep(GOODBYE).await,
            None => drop(expired.await),
        }
    };
    tokio::select! {
        biased;
        ended = connection => note(ended),
        () = goodbye => {}
        () = door.drain.ended() => {}
    }
}

fn note<E: fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        debug!(%error, "connection broke");
    }
}

fn answer(
    mut router: Handler,
    peer: Peer,
    activity: &Arc<Activity>,
    interim: &Option<Arc<Interim>>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Guarded>, Infallible>> + use<> {
    let is_tunnel = *request.method() == http::Method::CONNECT || request.headers().contains_key(http::header::UPGRADE);
    let in_flight = activity.begin(request.version(), request.body().is_end_stream() && !is_tunnel);
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(peer);
    let interim = interim.clone();
    if let Some(interim) = &interim {
        let hints = router.hints(&request);
        interim.begin(hints.clone());
        if let Some(hints) = hints {
            request.extensions_mut().insert(hints);
        }
    }
    let response = router.call(request);
    async move {
        let response = response.await?;
        if let Some(interim) = &interim {
            interim.end();
        }
        Ok(response.map(|body| Guarded::new(body, in_flight)))
    }
}

impl<I, S> Connection for http1::UpgradeableConnection<I, S>
where
    S: HttpService<Incoming, ResBody = Guarded>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    type Error = hyper::Error;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection for Http2<S> {
    type Error = Http2Error;

    fn finish(self: Pin<&mut Self>) {
        self.get_mut().end();
    }
}

fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.head_fields);
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

#[cfg(test)]
mod tests;
