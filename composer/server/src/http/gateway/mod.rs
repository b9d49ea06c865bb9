//! Hands requests of the browser to the BFF of exactly the version in the address, streamed both ways.

mod request;
mod reply;
mod guard;
mod find;
mod upgrade;
mod upload;
mod idle;
mod changed;
mod hop;

use std::{pin::pin, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_fetch::{Exchange, ExchangeError, FetchError};
use contract::AppVersion;
use find::Found;
use http::{HeaderMap, HeaderName, StatusCode, header};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::part;
use crate::{
    app::App,
    compose::{chain, same_site},
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
    #[error("`{0}` is not live and has no instance any more")]
    Gone(AppVersion),
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
    /// The page that a browser comes from when it goes somewhere else, rather than a script asking.
    back: Option<String>,
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
        back: None,
    };
    let back = back(request.headers(), &context.host);
    let context = Context { back, ..context };
    let replied = exchange(&app, request, &context).await;
    replied.unwrap_or_else(|refusal| refuse(&refusal, &context))
}

async fn exchange(app: &App, mut request: Request, context: &Context) -> Result<Response, Refusal> {
    let Found {
        upstream,
        is_live,
        path,
    } = find::find(app, request.headers(), request.uri().path()).await?;
    let upstream = &upstream;
    if upstream.is_internal(&path) {
        return Err(Refusal::Unknown);
    }
    guard::check(&request, &context.host)?;
    let upgrade = upgrade::wanted(&mut request);
    let change = changed::Change::of(&request, &path);
    let is_told = part::wants_to_be_told(request.headers());
    let outgoing = request::build(request, upstream, &path, context, upgrade.as_ref())?;
    let mut exchange = Exchange::begin(upstream)?;
    let response = send(&mut exchange, outgoing).await;
    let response = response.map_err(|refusal| match refusal {
        Refusal::Exchange(ExchangeError::Connect(_)) if !is_live && find::is_lost(upstream) => {
            Refusal::Gone(upstream.app().clone())
        }
        refusal => refusal,
    })?;
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
            change.after(app, upstream, response.status(), response.headers()).await;
            let mut reply = reply::build(response, upstream, &context.host)?;
            if is_told && !reply::repeats(reply.status()) {
                part::tell_redirect(&mut reply);
            }
            let is_events = reply::is_events(reply.headers());
            Ok(reply.map(|body| idle::limited(body, is_events, app.drain.clone(), exchange)))
        }
    }
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

/// Where a browser comes from that shows the reply to a person; `None` for scripts.
fn back(headers: &HeaderMap, host: &str) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let shows = text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let navigates = headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    let referer = headers
        .get(header::REFERER)
        .and_then(|referer| same_site(referer, host));
    let back = referer.as_ref().and_then(|path| path.to_str().ok()).unwrap_or("/");
    (shows && navigates).then(|| back.to_owned())
}

fn refuse(refusal: &Refusal, context: &Context) -> Response {
    let (status, detail) = match refusal {
        Refusal::Gone(version) => {
            let id = context.id.as_ref();
            return match &context.back {
                Some(back) => respond::gone_page(version, back, id),
                None => respond::bff_gone(version, id),
            };
        }
        Refusal::Unknown => (StatusCode::NOT_FOUND, "no app has this address"),
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
