//! Serves one fragment, composed, for a slot that changes in the browser.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_fetch::FetchError;
use composer_page::Plan;
use contract::{FragmentId, Params, SlotSource, url::fragment_of};
use http::{HeaderValue, StatusCode, header};

use super::visit::Visitor;
use crate::{
    app::App,
    compose::{Page, PageBody, PageError},
    live::Live,
    request::{RequestId, Tally},
    respond,
    security::{self, Nonce},
};

/// Serves one fragment with its slot element.
pub(crate) async fn serve_fragment(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    let id = visitor.id().cloned();
    let Some(fragment) = wanted(app.prefix().as_str(), visitor.path()) else {
        return unknown(id.as_ref());
    };
    let source = SlotSource {
        fragment,
        params: Params::parse(visitor.query()),
    };
    let live = app.live();
    match Plan::fragment(live.site(), &source) {
        Some(plan) => {
            let composed = compose(&live, plan, source.fragment, visitor).await;
            composed.unwrap_or_else(|error| respond::fragment_error(&error, id.as_ref()))
        }
        None => unknown(id.as_ref()),
    }
}

fn wanted(prefix: &str, path: &str) -> Option<FragmentId> {
    fragment_of(path.strip_prefix(prefix)?.strip_prefix("/fragment")?).ok()
}

fn unknown(id: Option<&RequestId>) -> Response {
    respond::problem(StatusCode::NOT_FOUND, "there is no such fragment", id)
}

async fn compose(live: &Live, plan: Plan, fragment: FragmentId, visitor: Visitor) -> Result<Response, PageError> {
    let context = visitor.context(&Nonce::new());
    let mut page = Page::begin(live, plan, visitor.into_visit(), context);
    let head = page.head().await?;
    if head.status != StatusCode::OK {
        let source = FetchError::Status(head.status).into();
        return Err(PageError::Fragment { fragment, source });
    }
    let tally = Tally::default();
    let mut response = Response::new(Body::new(PageBody::new(page, tally.clone())));
    response.extensions_mut().insert(tally);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    Ok(response)
}
