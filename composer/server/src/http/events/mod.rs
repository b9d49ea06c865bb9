//! `GET /_m/events`: tells a tab what happens, for as long as it listens.

mod tab;
mod wanted;
mod audience;

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use http_body::Frame;
use http_body_util::StreamBody;
use metrics::{counter, gauge};
use tokio::sync::OwnedSemaphorePermit;

use super::visit::Visitor;
use crate::{app::App, respond, security};
use tab::Tab;
use wanted::Wanted;

/// Streams what the tab wants to hear, and each release that concerns it.
pub(super) async fn get_events(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    // Another site could read nothing of it, but take the places of others.
    if !is_own(&visitor) {
        let detail = "the request comes from another site";
        return respond::problem(StatusCode::FORBIDDEN, detail, visitor.id());
    }
    let Some(place) = app.events.place() else {
        counter!("composer_event_tabs_refused_total").increment(1);
        let mut response = respond::problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many tabs listen already",
            visitor.id(),
        );
        let later = HeaderValue::from(fastrand::u16(10..=40));
        response.headers_mut().insert(header::RETRY_AFTER, later);
        return response;
    };
    let wanted = Wanted::of(&visitor);
    let tab = Tab::new(app, wanted, visitor, Listening::new(place));
    let frames = stream::unfold(tab, |tab| async {
        let (bytes, tab) = tab.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(bytes)), tab))
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that gathers bytes before it hands them on would make live events late.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    security::no_script(headers);
    response
}

/// Browsers say where a request comes from; programs and older ones say nothing.
fn is_own(visitor: &Visitor) -> bool {
    let mut said = visitor.headers().get_all("sec-fetch-site").iter();
    said.all(|site| site == "same-origin" || site == "none")
}

/// A tab's place, counted while it is taken.
struct Listening(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl Listening {
    fn new(place: OwnedSemaphorePermit) -> Self {
        gauge!("composer_event_tabs").increment(1.0);
        Self(place)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        gauge!("composer_event_tabs").decrement(1.0);
    }
}
