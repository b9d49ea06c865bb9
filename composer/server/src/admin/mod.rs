//! The admin API: what deploy pipelines, `marquetry` and the console ask. `docs/admin-api.md` says its rules.

mod access;
mod around;
mod bearer;
mod calls;
mod checkup;
mod dry_render;
mod extract;
mod failure;
mod json;
mod origins;
mod parts;
mod views;

use axum::{Router, middleware::from_fn_with_state};

pub(crate) use access::{Caller, allows};
pub(crate) use bearer::caller;
pub(crate) use failure::{Failure, render};

use crate::app::App;
use around::{Around, Gate};

/// Every call under `/v1`; a composer of fixed apps has none.
pub(crate) fn routes(app: &App) -> Router {
    let mut routes = Router::new();
    if app.registry.ledger().is_some() {
        for call in calls::table() {
            let gate = Gate {
                app: app.clone(),
                act: call.act,
                needs: call.needs,
            };
            let handler = call.handler.route_layer(from_fn_with_state(gate, around::gate));
            routes = routes.route(call.path, handler);
        }
        routes = routes
            .method_not_allowed_fallback(around::wrong_method)
            .fallback(around::no_call);
    } else {
        routes = routes.fallback(around::fixed_apps);
    }
    let routes = routes.with_state(app.clone());
    let around = Around::new(app.clone());
    Router::new()
        .fallback_service(routes)
        .layer(from_fn_with_state(around, around::go_around))
}
