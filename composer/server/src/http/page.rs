//! Serves one page: composition → route → layout → slots → fragments → stitch → stream.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use composer_page::{PageContext, Plan, Route};
use contract::Params;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{part, visit::Visitor};
use crate::{
    app::{App, Shared},
    choice::{Choice, Gone, Visited},
    clock::now_s,
    compose::{Page, PageBody, PageError, PageHead, SERVER_TIMING},
    config::Offer,
    encode::Encoding,
    overrides::badge,
    ready::{Fill, ReadyPage},
    request::{RequestId, RouteLabel, Tally},
    respond,
    security::{self, Nonce},
    visitor::{USER_COOKIE, lasting},
};

/// The app whose pages are the composer's own.
const CONSOLE: &str = "console";
const CONSOLE_PATH: &str = "/_m/console";
/// What a page that is kept whole took.
const READY: HeaderValue = HeaderValue::from_static("page;desc=hit");
/// What may come at the end.
const TRAILER: HeaderValue = HeaderValue::from_static("server-timing");
/// A visitor is remembered for a year.
const USER_S: u64 = 365 * 24 * 3_600;

/// Serves one page.
pub(crate) async fn serve_page(State(app): State<App>, request: Request) -> Response {
    let method = request.method().clone();
    serve(&app, &method, Visitor::of(request), |choice, path| {
        choice.view.site().resolve(path)
    })
    .await
}

/// Serves what a tab doesn't have of a page.
pub(crate) async fn serve_part(State(app): State<App>, request: Request) -> Response {
    let base = app.prefix().page();
    if part::is_shown(request.headers()) {
        return part::lead_to_page(request.uri(), &base);
    }
    let method = request.method().clone();
    let visitor = Visitor::of(request).into_tab(&base);
    serve(&app, &method, visitor, |choice, path| {
        // The composer's own pages are not told by their paths alone.
        let rest = path.strip_prefix(app.prefix().as_str());
        let is_own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        choice.view.site().resolve(path).filter(|_| !is_own)
    })
    .await
}

/// Serves a page of the console, which no other app can take the place of.
pub(crate) async fn serve_console(State(app): State<App>, request: Request) -> Response {
    let prefix = app.prefix().as_str().len();
    let method = request.method().clone();
    serve(&app, &method, Visitor::of(request), |choice, path| {
        let rest = path.get(prefix..)?.strip_prefix("/console")?;
        let site = choice.view.site();
        let route = site.resolve(&format!("{CONSOLE_PATH}{rest}"))?;
        let plan = Plan::page(site, &route, &Params::default());
        (plan.primary().fragment.app.as_str() == CONSOLE).then_some(route)
    })
    .await
}

/// What is ready is answered at once. The rest is a future of its own: its size would be moved about for quick answers, too.
async fn serve(
    app: &Shared,
    method: &Method,
    visitor: Visitor,
    resolve: impl Fn(&Choice, &str) -> Option<Route>,
) -> Response {
    let choice = match app.choose_at_once(visitor.headers()) {
        Some(choice) => choice,
        None => match Box::pin(app.choose(Visited::Page, visitor.headers())).await {
            Ok(choice) => choice,
            Err(Gone(version)) => return respond::version_gone(&version, visitor.id()),
        },
    };
    let Some(route) = resolve(&choice, visitor.path()) else {
        return respond::page_error(&PageError::NoRoute, visitor.id());
    };
    if !matches!(*method, Method::GET | Method::HEAD) {
        return respond::page_error(&PageError::Method, visitor.id());
    }
    let id = visitor.id().cloned();
    let wanted = Wanted::new(app, &choice, &route, method, visitor);
    if let Some(frame) = wanted.plan.frame()
        && wanted.visitor.is_elsewhere(frame)
    {
        return respond::other_frame(id.as_ref());
    }
    let page = match wanted.ready(app, &choice) {
        Some(response) => Ok(response),
        None => Box::pin(compose(app, &choice, &route, wanted)).await,
    };
    let mut response = page.unwrap_or_else(|error| respond::page_error(&error, id.as_ref()));
    choice.tell(response.headers_mut());
    response
        .extensions_mut()
        .insert(RouteLabel(Arc::clone(route.pattern())));
    response
}

/// A page that somebody wants.
struct Wanted {
    visitor: Visitor,
    plan: Plan,
    /// Where it is kept, if every one of its parts came from the cache; a developer's own never is.
    key: Option<Vec<u8>>,
    wish: Wish,
}

impl Wanted {
    fn new(app: &Shared, choice: &Choice, route: &Route, method: &Method, visitor: Visitor) -> Self {
        let query = Params::parse(visitor.query());
        let mut plan = Plan::page(choice.view.site(), route, &query);
        let tab = visitor.tab();
        let is_whole = tab.is_none();
        if let Some(tab) = tab {
            plan = plan.for_tab(tab);
        }
        let wish = Wish::of(app, &plan, method, &visitor);
        let sees = choice.view.sees(route);
        let key =
            (is_whole && !choice.is_own()).then(|| sees.key(choice.view.id, route.page(), &plan, &visitor.asked()));
        Self {
            key: key.flatten(),
            wish,
            visitor,
            plan,
        }
    }

    /// The page, if it is kept whole.
    fn ready(&self, app: &Shared, choice: &Choice) -> Option<Response> {
        let ready = app.ready.get(self.key.as_deref()?)?;
        let id = self.visitor.request_id();
        if let Some(counted) = Counted::of(choice, &self.plan, id) {
            counted.count(app, choice);
        }
        Some(show(app, choice, &ready, &self.wish, id))
    }
}

async fn compose(app: &Shared, choice: &Choice, route: &Route, wanted: Wanted) -> Result<Response, PageError> {
    let Wanted {
        visitor,
        plan,
        key,
        mut wish,
    } = wanted;
    if let Some(version) = choice.gone(plan.apps()) {
        return Ok(respond::version_gone(&version, visitor.id()));
    }
    if !choice.is_own() && wish.frame.is_none() {
        visitor.hint(&plan);
    }
    let nonce = Nonce::new();
    let host = visitor.host().to_owned();
    let takes_trailer = !wish.is_head && visitor.takes_trailers();
    let context = context(app, choice, &visitor, &nonce);
    let fragment = plan.primary().fragment.clone();
    let id = visitor.id().cloned();
    let counted = Counted::of(choice, &plan, visitor.request_id());
    let is_early = plan.flushes_early();
    let mut page = Page::begin(&choice.view, plan, visitor.into_visit(), context)
        .with_patience(app.config().pages.patience)
        .flushing(is_early, &host);
    let head = page.head().await?;
    let upstream = choice.view.upstreams.get(&fragment.app);
    let head = upstream.and_then(|upstream| PageHead::new(&head, upstream, &host));
    let mut head = head.ok_or(PageError::Redirect { fragment })?;
    if head.forbids_transform {
        wish.encoding = Encoding::FINAL;
    }
    if let Some(counted) = counted {
        counted.count(app, choice);
    }
    if let (Some(key), StatusCode::OK) = (key, head.status)
        && let Some((text, rest, parts)) = page.whole()
        && let Some(ready) = ReadyPage::new(&text, &rest, parts, page.counts(), choice.view.sees(route))
    {
        let ready = Arc::new(ready.forbidding_transform(head.forbids_transform));
        app.ready.put(key, Arc::clone(&ready));
        let id = id.as_ref().map(RequestId::as_str).unwrap_or_default();
        return Ok(show(app, choice, &ready, &wish, id));
    }
    remember(choice, &mut head.headers, wish.is_secure);
    if app.config().pages.server_timing {
        tell_timing(&mut head, &mut page, takes_trailer);
    }
    Ok(respond_with(head, page, &wish, &nonce, choice.shown.is_some()))
}

fn context(app: &Shared, choice: &Choice, visitor: &Visitor, nonce: &Nonce) -> PageContext {
    let prefix = app.prefix().as_str();
    let shown = choice.shown.as_ref();
    PageContext {
        composition: app
            .has_releases()
            .then(|| choice.view.lock(&app.keys.compositions, now_s())),
        badge: shown
            .filter(|_| !visitor.is_tab())
            .map(|shown| badge(&shown.open, shown.problem.as_deref(), prefix, nonce)),
        order: visitor.order(app.prefix()),
        inspector: app.offered(choice),
        ..visitor.context(nonce)
    }
}

/// What shapes the reply, whatever the page shows.
struct Wish {
    /// The page that the browser has.
    known: Option<HeaderValue>,
    /// What surrounds the slots of the page's layout, for a tab that gets a part of it.
    frame: Option<HeaderValue>,
    encoding: Encoding,
    is_head: bool,
    is_secure: bool,
}

impl Wish {
    fn of(app: &Shared, plan: &Plan, method: &Method, visitor: &Visitor) -> Self {
        Self {
            frame: plan.part_of().and_then(|frame| HeaderValue::from_str(frame).ok()),
            known: visitor.headers().get(header::IF_NONE_MATCH).cloned(),
            encoding: Encoding::of(&app.config().pages, plan, visitor.headers()),
            is_head: *method == Method::HEAD,
            is_secure: visitor.is_secure(),
        }
    }
}

/// Shows a page that is kept whole.
fn show(app: &Shared, choice: &Choice, ready: &ReadyPage, wish: &Wish, request_id: &str) -> Response {
    let composition = app
        .has_releases()
        .then(|| choice.view.lock(&app.keys.compositions, now_s()));
    let nonce = Nonce::new();
    let fill = Fill {
        nonce: &nonce,
        request_id,
        composition: composition.as_deref(),
    };
    let mut response = ready.respond(wish.known.as_ref(), wish.is_head, wish.encoding, &fill);
    if app.config().pages.server_timing {
        response.headers_mut().insert(SERVER_TIMING, READY);
    }
    if !choice.moment.is_plain || app.inspector.offer == Offer::On {
        // Who may see a canary, or has chosen a version, is told by these: a browser must not show one visitor the other's page.
        let names = [header::COOKIE, app.traits.load().cohort_header().clone()];
        names.into_iter().for_each(|name| {
            response.headers_mut().append(header::VARY, name.into());
        });
    }
    remember(choice, response.headers_mut(), wish.is_secure);
    response
}

/// A page view that says something about a canary; a developer's own says nothing.
struct Counted {
    apps: Vec<contract::AppName>,
    request_id: String,
}

impl Counted {
    fn of(choice: &Choice, plan: &Plan, request_id: &str) -> Option<Self> {
        let counts = !choice.moment.is_plain && !choice.is_own();
        counts.then(|| Self {
            apps: plan.apps().to_vec(),
            request_id: request_id.to_owned(),
        })
    }

    fn count(self, app: &Shared, choice: &Choice) {
        let (state, composition) = (choice.moment.state(), choice.view.composition());
        app.canaries.viewed(state, composition, &self.apps, &self.request_id);
    }
}

/// Remembers a visitor while a canary has a share of all.
fn remember(choice: &Choice, headers: &mut HeaderMap, is_secure: bool) {
    let user = choice.new_user.as_ref();
    if let Some(cookie) = user.and_then(|user| lasting(USER_COOKIE, user.as_str(), USER_S, is_secure)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Says what the slots took; of those that are waited for, at the end if the client takes it there.
fn tell_timing(head: &mut PageHead, page: &mut Page, takes_trailer: bool) {
    if let Some(timing) = page.timing_at_head() {
        head.headers.insert(SERVER_TIMING, timing);
    }
    if takes_trailer && !head.status.is_redirection() {
        head.headers.insert(header::TRAILER, TRAILER);
    }
}

fn respond_with(head: PageHead, page: Page, wish: &Wish, nonce: &Nonce, has_badge: bool) -> Response {
    let tally = Tally::default();
    let leads_on = head.status.is_redirection();
    let has_trailer = head.headers.contains_key(header::TRAILER);
    let body = if leads_on || wish.is_head {
        Body::empty()
    } else {
        Body::new(PageBody::new(page, tally.clone(), wish.encoding.coding).with_trailer(has_trailer))
    };
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response.extensions_mut().insert(tally);
    if !leads_on {
        wish.encoding.tell(response.headers_mut());
    }
    if let Some(frame) = &wish.frame {
        part::mark(&mut response, frame);
    } else if has_badge {
        security::page_with_badge(response.headers_mut(), nonce);
    } else {
        security::page(response.headers_mut(), nonce);
    }
    response
}
