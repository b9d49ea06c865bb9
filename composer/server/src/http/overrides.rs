//! Opens and closes a developer's own version in one browser, and tells its tabs when there is a new build.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use contract::Params;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::{Map, json};
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::timeout,
};

use super::visit::Visitor;
use crate::{
    app::App,
    clock::now_s,
    compose::same_site,
    overrides::{OVERRIDE_COOKIE, Override, Overrides},
    respond, security,
    visitor::{ended, lasting},
};

/// So often something goes through a stream of events, so that a tab that left is noticed.
const BEAT: Duration = Duration::from_secs(15);

/// `GET /_m/override?token=…&to=…`: shows the override of the link in this browser from now on.
pub(super) async fn open_override(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    if !app.config().overrides {
        return respond::error_page(StatusCode::NOT_FOUND, visitor.id());
    }
    let query = Params::parse(visitor.query());
    // A page of another site must not put anybody in front of a developer's version.
    if !is_own(visitor.headers()) {
        return respond::error_page(StatusCode::FORBIDDEN, visitor.id());
    }
    let opened = query
        .get("token")
        .and_then(|token| app.overrides.open_link(token, &app.keys));
    let Some((open, text)) = opened else {
        return respond::error_page(StatusCode::GONE, visitor.id());
    };
    let left_s = open.expires_at_s.saturating_sub(now_s());
    let to = query.get("to").unwrap_or("/");
    let to = HeaderValue::from_str(to)
        .ok()
        .and_then(|to| same_site(&to, visitor.host()));
    let cookie = lasting(OVERRIDE_COOKIE, &text, left_s, visitor.is_secure());
    tracing::info!(override.id = open.id, app.version = %open.version, by = open.owner(), "override opened in a browser");
    see_other(to, cookie)
}

/// `POST /_m/override/close`: this browser sees what everybody sees.
pub(super) async fn close_override(State(_app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    if !is_own(visitor.headers()) {
        return respond::error_page(StatusCode::FORBIDDEN, visitor.id());
    }
    let referer = visitor.headers().get(header::REFERER);
    let back = referer.and_then(|referer| same_site(referer, visitor.host()));
    see_other(back, ended(OVERRIDE_COOKIE, visitor.is_secure()))
}

/// `GET /_m/override/events`: the version that is shown, whenever there is another.
pub(super) async fn get_events(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    let Some(id) = Overrides::id_in(visitor.headers(), &app.keys) else {
        return respond::problem(StatusCode::NOT_FOUND, "no override is open here", visitor.id());
    };
    let place = match app.overrides.get(&id) {
        Some(open) => Arc::clone(&open.streams).try_acquire_owned().map(Some),
        None => Ok(None),
    };
    let Ok(place) = place else {
        return respond::problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many tabs show this override",
            visitor.id(),
        );
    };
    let events = Events {
        changes: app.overrides.changes(),
        told: None,
        app,
        id,
        _place: place,
    };
    let frames = stream::unfold(Some(events), |events| async {
        let (bytes, events) = events?.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(bytes)), events))
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    response
}

/// `GET /_m/override/schemas`: what the apps of the developer's page say of their events, for its badge to check them by.
pub(super) async fn get_schemas(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    let Some(open) = app.overrides.of(visitor.headers(), &app.keys) else {
        return respond::problem(StatusCode::NOT_FOUND, "no override is open here", visitor.id());
    };
    let (moment, mut schemas) = (app.moment(), Map::new());
    for version in app.current(visitor.headers()).await.iter() {
        let own = (version == open.version).then(|| Arc::clone(&open.app));
        let loaded = match own {
            Some(own) => Some(own),
            None => moment.snapshot.load(&version).await.ok(),
        };
        for (topic, schema) in loaded.iter().flat_map(|app| &app.schemas) {
            let said = json!({ "app": version.to_string(), "schema": schema });
            schemas.insert(topic.to_string(), said);
        }
    }
    let mut response = Json(schemas).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    response
}

/// A tab that waits for the next build.
struct Events {
    app: App,
    id: String,
    changes: watch::Receiver<u64>,
    told: Option<String>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Events {
    /// What to say next, and how to go on; the end of the override is the last that is said.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        loop {
            self.changes.mark_unchanged();
            let Some(open) = self.app.overrides.get(&self.id) else {
                return Some((Bytes::from_static(b"event: closed\ndata:\n\n"), None));
            };
            if let Some(bytes) = self.tell(&open) {
                return Some((bytes, Some(self)));
            }
            let drain = self.app.drain.clone();
            let waited = tokio::select! {
                () = drain.started() => return None,
                waited = timeout(BEAT, self.changes.changed()) => waited,
            };
            match waited {
                Err(_) => return Some((Bytes::from_static(b":\n\n"), Some(self))),
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
        }
    }

    fn tell(&mut self, open: &Override) -> Option<Bytes> {
        let version = open.version.version.to_string();
        if self.told.as_ref() == Some(&version) {
            return None;
        }
        let event = format!("event: version\ndata: {version}\n\n");
        self.told = Some(version);
        Some(event.into())
    }
}

/// Browsers say where a request comes from; programs and older ones say nothing.
fn is_own(headers: &HeaderMap) -> bool {
    let mut said = headers.get_all("sec-fetch-site").iter();
    said.all(|site| site == "same-origin" || site == "none")
}

fn see_other(to: Option<HeaderValue>, cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, to.unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
