//! Every URL, in one table, and what happens to every request around it.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use http::{StatusCode, header};
use tokio::sync::Semaphore;
use tower::ServiceBuilder;

use super::{asset, canonical::canonical, fragment, gateway, page, report, static_files};
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
    let places = Arc::new(Semaphore::new(app.config.limits.requests));
    let around = ServiceBuilder::new()
        .layer(from_fn(request_id))
        .layer(from_fn(access_log))
        .layer(from_fn(catch_panic))
        .layer(from_fn_with_state(places, admission))
        .layer(from_fn_with_state(app.clone(), canonical))
        .layer(from_fn_with_state(app.clone(), body_limit));
    Router::new()
        .fallback_service(routes(&app).with_state(app))
        .layer(around)
}

/// Every URL.
fn routes(app: &App) -> Router<App> {
    let own = |rest: &str| format!("{}{rest}", app.prefix().as_str());
    Router::new()
        .route(&own("/assets/{digest}/{*file}"), get(asset::get_asset))
        .route(&own("/app/{*rest}"), any(gateway::forward))
        .route(&own("/fragment/{*rest}"), get(fragment::serve_fragment))
        .route(&own("/report"), post(report::take_report))
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
