//! Every URL, in one table, and what happens to every request around it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::from_fn,
    response::Response,
    routing::{any, get, post},
};
use bytes::Bytes;
use http::{StatusCode, header};
use tower::Service;

use super::{
    asset, canonical::canonical, composition, events, fragment, gateway, inspect, order, overrides, page, report,
    static_files,
};
use crate::{
    app::App,
    handler::{Gate, Handler},
    middleware::{
        access_log::{access_log, route_label},
        admission::admission,
        body_limit::body_limit,
        catch_panic::catch_panic,
        request_id::request_id,
    },
    overload::{Kind, refusal_message},
    respond,
};

/// The public listener's answers. Routing comes after the path has its one spelling.
pub(crate) fn public(app: App) -> Handler {
    let hints = app.config().pages.early_hints;
    let around = Arc::new(Around {
        own: Own::new(&app),
        routes: routes(&app).with_state(app.clone()),
        app,
    });
    let gate: Arc<dyn Gate> = around.clone();
    let handler = Handler::new(move |request| Arc::clone(&around).answer(request));
    handler.hinting(hints).behind(gate)
}

/// What the steps around every request need.
struct Around {
    app: App,
    own: Own,
    routes: Router,
}

impl Around {
    /// What happens to every request, outermost first. As layers of their own, the steps would cost a box and a copy of the
    /// routes each.
    async fn answer(self: Arc<Self>, request: Request) -> Response {
        let app = &*self.app;
        let config = app.config();
        let limited = |request| body_limit(&config.limits, request, |request| self.route(request));
        let spelled = |request| canonical(app, request, limited);
        let caught = |request| catch_panic(request, spelled);
        let logged = |request| access_log(request, caught);
        let named = |request| request_id(request, logged);
        let version = request.version();
        // Before all that a refusal does without: it is to cost next to nothing.
        let kind = self.own.kind(request.uri().path());
        let response = admission(&app.admission, kind, request, named).await;
        app.drain.farewell(version, response)
    }

    /// A page is most of what is asked for: it takes no way through a table that doesn't have it.
    async fn route(&self, request: Request) -> Response {
        if !self.own.has(request.uri().path()) {
            return page::serve_page(State(Arc::clone(&self.app)), request).await;
        }
        let Ok(response) = self.routes.clone().call(request).await;
        response
    }
}

impl Gate for Around {
    fn turns_away(&self) -> bool {
        self.app.admission.turns_any_away() && !self.app.drain.is_leaving()
    }

    fn refusal(&self, path: &str) -> Option<Bytes> {
        let kind = self.own.kind(path);
        self.app.admission.turns_away(kind).then(refusal_message)
    }
}

/// The paths that are not for pages.
struct Own {
    prefix: String,
}

impl Own {
    fn new(app: &App) -> Self {
        Self {
            prefix: format!("{}/", app.prefix().as_str()),
        }
    }

    /// What a path asks for, as far as it can be told before it has its one spelling.
    fn kind(&self, path: &str) -> Kind {
        let own = path.strip_prefix(&self.prefix);
        match own {
            Some(EVENTS) => Kind::Stream,
            Some(rest) if rest.starts_with("assets/") => Kind::File,
            None if is_static(path) => Kind::File,
            _ => Kind::Work,
        }
    }

    fn has(&self, path: &str) -> bool {
        path.starts_with(&self.prefix) || is_static(path)
    }
}

fn is_static(path: &str) -> bool {
    path.starts_with(STATIC) || matches!(path, FAVICON | ROBOTS)
}

const EVENTS: &str = "events";
const STATIC: &str = "/static/";
const FAVICON: &str = "/favicon.ico";
const ROBOTS: &str = "/robots.txt";

/// Every URL.
fn routes(app: &App) -> Router<App> {
    let own = |rest: &str| format!("{}{rest}", app.prefix().as_str());
    Router::new()
        .route(&own("/assets/{digest}/{*file}"), get(asset::get_asset))
        .route(&own("/app/{*rest}"), any(gateway::forward))
        .route(&own("/fragment/{*rest}"), get(fragment::serve_fragment))
        .route(&own("/page"), get(page::serve_part))
        .route(&own("/page/{*rest}"), get(page::serve_part))
        .route(&own("/composition"), get(composition::get_composition))
        .route(&own("/report"), post(report::take_report))
        .route(&own("/events"), get(events::get_events))
        .route(&own("/console"), any(page::serve_console))
        .route(&own("/console/{*rest}"), any(page::serve_console))
        .route(&own("/order"), get(order::keep_order))
        .route(&own("/override"), get(overrides::open_override))
        .route(&own("/override/close"), post(overrides::close_override))
        .route(&own("/override/events"), get(overrides::get_events))
        .route(&own("/override/schemas"), get(overrides::get_schemas))
        .route(&own("/inspect"), get(inspect::get_inspect))
        .route(&own("/inspect/versions"), post(inspect::choose_versions))
        .route(&own("/{*rest}"), any(static_files::not_found))
        .route(&format!("{STATIC}{{*path}}"), get(static_files::get_file))
        .route(FAVICON, get(static_files::get_favicon))
        .route(ROBOTS, get(static_files::get_robots))
        .route_layer(from_fn(route_label))
        .method_not_allowed_fallback(wrong_method)
        .fallback(page::serve_page)
}

/// An error page; the router itself adds which methods are allowed.
async fn wrong_method(request: Request) -> Response {
    let mut response = respond::error_page(StatusCode::METHOD_NOT_ALLOWED, request.extensions().get());
    response.headers_mut().remove(header::ALLOW);
    response
}
