//! Serves one fragment, composed, for a slot that changes in the browser.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_fetch::FetchError;
use composer_page::{PageContext, Plan, Site};
use contract::{FragmentId, Params, Role, SlotSource, url::fragment_of};
use http::{HeaderValue, StatusCode, header};

use super::visit::Visitor;
use crate::{
    app::{App, Shared},
    choice::{Choice, Gone, Visited},
    compose::{Page, PageBody, PageError},
    encode::Encoding,
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
    let choice = match app.choose(Visited::Fragment, visitor.headers()).await {
        Ok(choice) => choice,
        Err(Gone(version)) => return respond::version_gone(&version, id.as_ref()),
    };
    let site = choice.view.site();
    let around = visitor.headers().get(contract::header::WITHIN);
    if around.is_some_and(|around| !may_include(site, around, &source.fragment)) {
        let words = "the fragment in which the slot stands doesn't list this one under `includes`";
        return respond::problem(StatusCode::FORBIDDEN, words, id.as_ref());
    }
    let Some(plan) = Plan::fragment(site, &source) else {
        return unknown(id.as_ref());
    };
    if let Some(version) = choice.gone(plan.apps()) {
        return respond::version_gone(&version, id.as_ref());
    }
    let composed = compose(&app, &choice, plan, source.fragment, visitor).await;
    let mut response = composed.unwrap_or_else(|error| respond::fragment_error(&error, id.as_ref()));
    choice.tell(response.headers_mut());
    response
}

fn wanted(prefix: &str, path: &str) -> Option<FragmentId> {
    fragment_of(path.strip_prefix(prefix)?.strip_prefix("/fragment")?).ok()
}

/// What a slot that a script has added may ask for is what one in the fragment's HTML may: text that slips into a page can't
/// ask for more.
fn may_include(site: &Site, around: &HeaderValue, wanted: &FragmentId) -> bool {
    let around: Option<FragmentId> = around.to_str().ok().and_then(|text| text.parse().ok());
    around.is_some_and(|around| {
        let manifest = site.manifest(&around.app);
        let terms = manifest.and_then(|manifest| manifest.fragment(&around.fragment));
        terms.is_some_and(|terms| terms.includes.contains(wanted))
    })
}

fn unknown(id: Option<&RequestId>) -> Response {
    respond::problem(StatusCode::NOT_FOUND, "there is no such fragment", id)
}

async fn compose(
    app: &Shared,
    choice: &Choice,
    plan: Plan,
    fragment: FragmentId,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let context = PageContext {
        inspector: app.offered(choice),
        ..visitor.context(&Nonce::new())
    };
    let encoding = Encoding::of(&app.config().pages, &plan, visitor.headers());
    let mut page = Page::begin(&choice.view, plan, visitor.into_visit(), context);
    let head = page.head().await?;
    if head.status != StatusCode::OK {
        let source = FetchError::Status(head.status).into();
        let role = Role::Primary;
        return Err(PageError::Fragment { fragment, role, source });
    }
    let encoding = if head.forbids_transform() {
        Encoding::FINAL
    } else {
        encoding
    };
    let tally = Tally::default();
    let mut response = Response::new(Body::new(PageBody::new(page, tally.clone(), encoding.coding)));
    response.extensions_mut().insert(tally);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    encoding.tell(headers);
    security::no_script(headers);
    Ok(response)
}
