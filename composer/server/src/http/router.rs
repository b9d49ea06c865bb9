//! Every URL, in one table, and what happens to every request around it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use http::{StatusCode, header};
use tokio::sync::Semaphore;

use super::{asset, canonical::canonical, fragment, gateway, overrides, page, report, static_files};
use crate::{
    app::App,
    middleware::{
        access_log::{access_log, route_label},
        admission::admission,
        body_limit::body_limit,
        catch_panic::catch_panic,
        request_id::request_id,
    },
    respond,
};

/// The public listener's answers. Routing comes after the path has its one spelling.
pub(crate) fn public(app: App) -> Router {
    let around = Around {
        places: Arc::new(Semaphore::new(app.config.limits.requests)),
        app: app.clone(),
    };
    Router::new()
        .fallback_service(routes(&app).with_state(app))
        .layer(from_fn_with_state(around, go_around))
}

/// What the steps around every request need.
#[derive(Clone)]
struct Around {
    app: App,
    places: Arc<Semaphore>,
}

/// What happens to every request, outermost first. As layers of their own, the steps would cost a box and a copy of the
/// routes each.
async fn go_around(State(around): State<Around>, request: Request, next: Next) -> Response {
    let Around { app, places } = around;
    let app = &*app;
    let limited = |request| body_limit(&app.config.limits, request, |request| next.run(request));
    let spelled = |request| canonical(app, request, limited);
    let admitted = |request| admission(places, request, spelled);
    let caught = |request| catch_panic(request, admitted);
    let logged = |request| access_log(request, caught);
    request_id(request, logged).await
}

/// Every URL.
fn routes(app: &App) -> Router<App> {
    let own = |rest: &str| format!("{}{rest}", app.prefix().as_str());
    Router::new()
        .route(&own("/assets/{digest}/{*file}"), get(asset::get_asset))
        .route(&own("/app/{*rest}"), any(gateway::forward))
        .route(&own("/fragment/{*rest}"), get(fragment::serve_fragment))
        .route(&own("/report"), post(report::take_report))
        .route(&own("/console"), any(page::serve_console))
        .route(&own("/console/{*rest}"), any(page::serve_console))
        .route(&own("/override"), get(overrides::open_override))
        .route(&own("/override/close"), post(overrides::close_override))
        .route(&own("/override/events"), get(overrides::get_events))
        .route(&own("/{*rest}"), any(static_files::not_found))
        .route("/static/{*path}", get(static_files::get_file))
        .route("/favicon.ico", get(static_files::get_favicon))
        .route("/robots.txt", get(static_files::get_robots))
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
