//! Every URL, in one table, and what happens to every request around it.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get, post},
};
use tower::ServiceBuilder;

use super::{asset, canonical::canonical, fragment, gateway, page, report, static_files};
use crate::{
    app::App,
    middleware::{
        access_log::{access_log, route_label},
        body_limit::body_limit,
        catch_panic::catch_panic,
        request_id::request_id,
    },
};

/// The public listener's answers. Routing comes after the path has its one spelling.
pub(crate) fn public(app: App) -> Router {
    let around = ServiceBuilder::new()
        .layer(from_fn(request_id))
        .layer(from_fn(access_log))
        .layer(from_fn(catch_panic))
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
        .fallback(page::serve_page)
}
