//! Serves one page: route → layout → slots → fragments → stitch → stream.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_page::{Plan, Route};
use contract::Params;
use http::Method;

use super::visit::Visitor;
use crate::{
    app::App,
    compose::{Page, PageBody, PageError, PageHead},
    live::Live,
    request::{RouteLabel, Tally},
    respond,
    security::{self, Nonce},
};

/// Serves one page.
pub(crate) async fn serve_page(State(app): State<App>, request: Request) -> Response {
    let method = request.method().clone();
    let visitor = Visitor::of(request);
    let live = app.live();
    let Some(route) = live.site().resolve(visitor.path()) else {
        return respond::page_error(&PageError::NoRoute, visitor.id());
    };
    let label = RouteLabel(route.pattern().into());
    let id = visitor.id().cloned();
    let page = compose(&live, &route, &method, visitor).await;
    let mut response = page.unwrap_or_else(|error| respond::page_error(&error, id.as_ref()));
    response.extensions_mut().insert(label);
    response
}

async fn compose(live: &Live, route: &Route, method: &Method, visitor: Visitor) -> Result<Response, PageError> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(PageError::Method);
    }
    let query = Params::parse(visitor.query());
    let plan = Plan::page(live.site(), route, &query);
    let nonce = Nonce::new();
    let host = visitor.host().to_owned();
    let context = visitor.context(&nonce);
    let fragment = plan.primary().fragment.clone();
    let mut page = Page::begin(live, plan, visitor.into_visit(), context);
    let head = page.head().await?;
    let upstream = live.upstreams.get(&fragment.app);
    let head = upstream.and_then(|upstream| PageHead::new(&head, upstream, &host));
    let head = head.ok_or(PageError::Redirect { fragment })?;
    Ok(respond_with(head, page, method, &nonce))
}

fn respond_with(head: PageHead, page: Page, method: &Method, nonce: &Nonce) -> Response {
    let tally = Tally::default();
    let bodiless = *method == Method::HEAD || head.status.is_redirection();
    let body = if bodiless {
        Body::empty()
    } else {
        Body::new(PageBody::new(page, tally.clone()))
    };
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response.extensions_mut().insert(tally);
    security::page(response.headers_mut(), nonce);
    response
}
