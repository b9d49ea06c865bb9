//! What happens to every request of the admin API, outermost first: id, log, limits, host, origin; then, at each call, token and action.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::admin::Action;
use futures_util::FutureExt;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use tokio::sync::Semaphore;

use super::{
    access::{self, Caller},
    bearer,
    extract::BLOB_BYTES,
    failure::{Failure, render},
};
use crate::{
    app::App,
    config::{Config, Limits},
    middleware::{access_log::access_log, body_limit::body_limit_told_by, request_id::request_id},
    request::{Call, RequestId, RouteLabel},
    spelling,
};

/// Requests at once; one more is told to come again.
const MOST_AT_ONCE: usize = 256;
const LONGEST_TARGET_BYTES: usize = 8_192;

/// What the steps around every request need.
#[derive(Clone)]
pub(super) struct Around {
    app: App,
    places: Arc<Semaphore>,
}

impl Around {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }
}

/// What a call needs before its handler runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Needs {
    /// Nothing: everybody may.
    Nothing,
    /// A token, whatever it may do.
    Token,
    /// A token with one of these actions. The apps are looked at by the handler.
    OneOf(&'static [Action]),
}

/// What happens to every request.
pub(super) async fn go_around(State(around): State<Around>, request: Request, next: Next) -> Response {
    let answered = |request: Request| async {
        let id = request.extensions().get::<RequestId>().cloned();
        let response = match AssertUnwindSafe(admit(around, request, next)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => {
                tracing::error!(request.id = id.as_ref().map(RequestId::as_str), "a handler panicked");
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "that is a fault of the composer's").into_response()
            }
        };
        render(response, id.as_ref())
    };
    let logged = |request| access_log(request, answered);
    request_id(request, logged).await
}

async fn admit(around: Around, request: Request, next: Next) -> Response {
    let Ok(_place) = around.places.try_acquire() else {
        return Failure::unavailable("too many requests are under way, try again soon").into_response();
    };
    if let Err(failure) = expect_program(&around.app.config(), request.uri(), request.headers()) {
        return failure.into_response();
    }
    let told = |status, _: Option<&RequestId>| {
        let detail = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "the body is longer than it may be",
            _ => "the body stood still for too long",
        };
        Failure::new(status, detail).into_response()
    };
    let limits = Limits {
        body_bytes: BLOB_BYTES as u64,
        ..around.app.config().limits.clone()
    };
    body_limit_told_by(told, &limits, request, |request| next.run(request)).await
}

/// Refuses other hosts, so that no name can be bent to this listener, and requests that browsers make for a page.
fn expect_program(config: &Config, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    if uri
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > LONGEST_TARGET_BYTES)
    {
        let detail = format!("the address has more than {LONGEST_TARGET_BYTES} bytes");
        return Err(Failure::new(StatusCode::URI_TOO_LONG, detail));
    }
    let host = host_of(uri, headers).ok_or_else(|| Failure::broken("the request must name one host"))?;
    if !config.is_admin_host(&host) {
        let detail =
            "the admin API doesn't go by this host: `admin_hosts` in `composer.toml` lists those that it goes by";
        return Err(Failure::new(StatusCode::MISDIRECTED_REQUEST, detail));
    }
    if headers.contains_key(header::ORIGIN) {
        let detail = "the admin API is for programs, not for pages in a browser: leave out `origin`";
        return Err(Failure::new(StatusCode::FORBIDDEN, detail));
    }
    Ok(())
}

fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut fields = headers.get_all(header::HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (Some(field), None) => Some(spelling::host(field.to_str().ok()?)?),
        (None, _) => None,
        _ => return None,
    };
    let target = match uri.authority() {
        Some(authority) => Some(spelling::host(authority.as_str())?),
        None => None,
    };
    match (target, field) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

/// What stands before the handler of one call.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) app: App,
    pub(super) act: &'static str,
    pub(super) needs: Needs,
}

/// Lets the request to the handler when its token may make the call; tells the log which call it is.
pub(super) async fn gate(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let label = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| RouteLabel(path.as_str().into()));
    let caller = gate.caller(request.headers());
    let token = caller
        .as_ref()
        .ok()
        .and_then(Option::as_ref)
        .map(|caller| caller.id.as_str().into());
    let permitted = caller.and_then(|caller| {
        gate.permit(caller.as_ref())?;
        Ok(caller)
    });
    let mut response = match permitted {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    };
    let extensions = response.extensions_mut();
    extensions.insert(Call { act: gate.act, token });
    if let Some(label) = label {
        extensions.insert(label);
    }
    response
}

impl Gate {
    fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Failure> {
        match self.needs {
            Needs::Nothing => Ok(None),
            Needs::Token | Needs::OneOf(_) => {
                let facts = self.app.state()?;
                bearer::caller(headers, &facts).map(Some)
            }
        }
    }

    fn permit(&self, caller: Option<&Caller>) -> Result<(), Failure> {
        match (self.needs, caller) {
            (Needs::OneOf(actions), Some(caller)) => Ok(access::allows_one_of(caller, actions)?),
            _ => Ok(()),
        }
    }
}

/// No call has this address.
pub(super) async fn no_call() -> Failure {
    Failure::not_found("there is no such call: `/v1/openapi.json` lists all")
}

/// There are no calls at all.
pub(super) async fn fixed_apps() -> Failure {
    Failure::not_found(
        "this composer serves fixed apps: with `data_dir` in `composer.toml` apps are published and released",
    )
}

/// The address has no such call; the router adds those it has.
pub(super) async fn wrong_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "not this method: `allow` says which").into_response()
}
