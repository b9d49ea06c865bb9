//! Hands requests of the browser to the BFF of exactly the version in the address, streamed both ways.

mod request;
mod reply;
mod guard;
mod upgrade;
mod upload;
mod idle;
mod hop;

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_fetch::{Exchange, ExchangeError, FetchError, Upstream};
use contract::AppVersion;
use http::StatusCode;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::{
    app::App,
    compose::chain,
    live::Live,
    request::{Canonical, Peer, RequestId},
    respond,
};

/// How long a BFF may take to the head of its response, counted from the last byte of the request that it took.
const HEAD_LIMIT: Duration = Duration::from_secs(30);

/// Why a request or its response goes no further.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no app has this address")]
    Unknown,
    #[error("the version is not live")]
    NotLive,
    #[error("the request comes from another site")]
    CrossSite,
    #[error("the method is not handed on")]
    Method,
    #[error("no response within {HEAD_LIMIT:?}")]
    Deadline,
    #[error(transparent)]
    NoTurn(#[from] FetchError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("the response {0}")]
    Response(&'static str),
}

/// What the composer knows of a request that it hands on.
struct Context {
    id: Option<RequestId>,
    peer: Option<Peer>,
    host: String,
}

/// Forwards a request to its BFF.
pub(crate) async fn forward(State(app): State<App>, request: Request) -> Response {
    let extensions = request.extensions();
    let context = Context {
        id: extensions.get().cloned(),
        peer: extensions.get().copied(),
        host: extensions
            .get()
            .map(|canonical: &Canonical| canonical.host.clone())
            .unwrap_or_default(),
    };
    let replied = exchange(&app, request, &context).await;
    replied.unwrap_or_else(|refusal| refuse(&refusal, &context))
}

async fn exchange(app: &App, mut request: Request, context: &Context) -> Result<Response, Refusal> {
    let live = app.live();
    let (upstream, path) = find(&live, app.prefix().as_str(), request.uri().path())?;
    let path = path.to_owned();
    guard::check(&request, &context.host)?;
    let upgrade = upgrade::wanted(&mut request);
    let outgoing = request::build(request, upstream, &path, context, upgrade.as_ref())?;
    let mut exchange = Exchange::begin(upstream)?;
    let response = send(&mut exchange, outgoing).await?;
    match upgrade {
        Some(upgrade) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
            let (reply, tunnel) = upgrade::join(upgrade, response, upstream)?;
            let drain = app.drain.clone();
            tokio::spawn(async move {
                tunnel.run(drain).await;
                drop(exchange);
            });
            Ok(reply)
        }
        _ => {
            let reply = reply::build(response, upstream, &context.host)?;
            Ok(reply.map(|body| idle::limited(body, app.drain.clone(), exchange)))
        }
    }
}

/// The live version that `path` names, and the rest of the path.
fn find<'l, 'p>(live: &'l Live, prefix: &str, path: &'p str) -> Result<(&'l Arc<Upstream>, &'p str), Refusal> {
    let rest = path
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix("/app/"))
        .ok_or(Refusal::Unknown)?;
    let (named, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let named: AppVersion = named.parse().map_err(|_| Refusal::Unknown)?;
    let upstream = live.upstreams.get(&named.app).ok_or(Refusal::Unknown)?;
    if *upstream.app() != named {
        return Err(Refusal::NotLive);
    }
    Ok((upstream, if rest.is_empty() { "/" } else { rest }))
}

async fn send(
    exchange: &mut Exchange,
    request: http::Request<Body>,
) -> Result<http::Response<hyper::body::Incoming>, Refusal> {
    let (progress, request) = {
        let (parts, body) = request.into_parts();
        let (progress, body) = upload::Progress::of(body);
        (progress, http::Request::from_parts(parts, body))
    };
    {
        let mut response = pin!(exchange.send(request));
        loop {
            let due = progress.last() + HEAD_LIMIT;
            tokio::select! {
                sent = &mut response => return Ok(sent?),
                () = sleep_until(due) => if progress.last() + HEAD_LIMIT <= Instant::now() {
                    break;
                }
            }
        }
    }
    exchange.late(&Refusal::Deadline);
    Err(Refusal::Deadline)
}

fn refuse(refusal: &Refusal, context: &Context) -> Response {
    let (status, detail) = match refusal {
        Refusal::Unknown => (StatusCode::NOT_FOUND, "no app has this address"),
        Refusal::NotLive => (StatusCode::GONE, "version is not live"),
        Refusal::CrossSite => (StatusCode::FORBIDDEN, "the request comes from another site"),
        Refusal::Method => (StatusCode::NOT_IMPLEMENTED, "the method is not handed on"),
        Refusal::Deadline => (StatusCode::GATEWAY_TIMEOUT, "the app did not answer in time"),
        Refusal::Exchange(ExchangeError::Target(_)) => (StatusCode::NOT_FOUND, "no app has this address"),
        Refusal::NoTurn(_) | Refusal::Exchange(ExchangeError::Connect(_)) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the app is not available right now")
        }
        Refusal::Exchange(_) | Refusal::Response(_) => (StatusCode::BAD_GATEWAY, "the app gave no proper answer"),
    };
    if status.is_server_error() {
        let id = context.id.as_ref().map(RequestId::as_str);
        warn!(
            request.id = id,
            http.status = status.as_u16(),
            error = chain(refusal),
            "request to a bff failed"
        );
    }
    respond::problem(status, detail, context.id.as_ref())
}
