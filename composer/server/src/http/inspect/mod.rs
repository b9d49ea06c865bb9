//! What the inspector asks: which versions a tab shows and why, what the manifests say of its page, another version in their place.

mod answer;
mod choose;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use contract::Params;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::visit::Visitor;
use crate::{
    admin::Caller,
    app::{App, Shared},
    choice::{Gone, Visited},
    request::RequestId,
    respond, security,
};

pub(super) use choose::choose_versions;

/// A longer path is that of no page.
const LONGEST_PATH_BYTES: usize = 2_048;

/// `GET /_m/inspect?path=/stores`: what the inspector shows of the tab that asks.
pub(super) async fn get_inspect(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    if !is_offered(&app, visitor.headers()) || !is_own(visitor.headers()) {
        return unknown(visitor.id());
    }
    let choice = match app.choose(Visited::Fragment, visitor.headers()).await {
        Ok(choice) => choice,
        Err(Gone(version)) => return respond::version_gone(&version, visitor.id()),
    };
    let query = Params::parse(visitor.query());
    let path = query.get("path").filter(|path| path.len() <= LONGEST_PATH_BYTES);
    let caller = caller(&app, visitor.headers());
    let user = app.traits.load().read(visitor.headers());
    let answer = answer::Answer::new(&app, &choice, &user, caller.as_ref(), path.unwrap_or("/"));
    json(StatusCode::OK, &answer)
}

/// True for a browser that is offered the inspector.
fn is_offered(app: &Shared, headers: &HeaderMap) -> bool {
    let open = app.overrides.of(headers, &app.keys);
    app.inspects(open.as_deref())
}

/// Who asks, if a token says so.
fn caller(app: &Shared, headers: &HeaderMap) -> Option<Caller> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    let state = app.registry.ledger()?.state();
    crate::admin::caller(headers, &state).ok()
}

/// Browsers say where a request comes from; programs and older ones say nothing.
fn is_own(headers: &HeaderMap) -> bool {
    headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| site == "same-origin")
}

fn unknown(id: Option<&RequestId>) -> Response {
    respond::problem(StatusCode::NOT_FOUND, "the inspector is not offered here", id)
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let text = serde_json::to_string(value).expect("plain structs are JSON");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    response
}
