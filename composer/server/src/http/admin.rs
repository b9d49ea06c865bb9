//! What operators ask: alive, ready, how much; and the admin API. Served on a listener of its own.

use std::{sync::OnceLock, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use http::StatusCode;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::{admin, app::App, drain::Drain};

const UPKEEP: Duration = Duration::from_millis(200);

const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The admin listener's URLs: these three, and the admin API.
pub(crate) fn routes(app: App, drain: Drain) -> Router {
    recorder();
    let calls = admin::routes(&app);
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(get_readiness))
        .route("/metrics", get(get_metrics))
        .with_state(app)
        .fallback_service(calls)
        .layer(from_fn_with_state(drain, last_of_connection))
}

/// After a hand-over the next request is to reach the successor.
async fn last_of_connection(State(drain): State<Drain>, request: Request, next: Next) -> Response {
    let version = request.version();
    drain.farewell(version, next.run(request).await)
}

/// What was counted, and how the policies of versions are at this moment.
async fn get_metrics(State(app): State<App>) -> String {
    let counted = recorder().map(PrometheusHandle::render).unwrap_or_default();
    counted + &app.policy_gauges() + &app.cache_metrics()
}

async fn get_readiness(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.drain.is_leaving() && !app.drain.has_successor() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// Moves samples into their buckets now and then, until `drain` has ended.
///
/// Histograms queue every sample until somebody does; a composer whose metrics nobody asks for would grow for ever.
pub(crate) async fn keep_up(drain: Drain) {
    let mut tick = tokio::time::interval(UPKEEP);
    let ended = drain.ended();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return,
            _ = tick.tick() => recorder().into_iter().for_each(PrometheusHandle::run_upkeep),
        }
    }
}

/// The process's one recorder; several composers in a process (as in tests) share it.
pub(crate) fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::warn!(%error, "metrics are not recorded"))
            .inspect(|_| describe())
            .ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

fn describe() {
    describe_counter!("composer_requests_total", "Requests answered, by route and status.");
    describe_histogram!(
        "composer_request_duration_seconds",
        Unit::Seconds,
        "From head to the reply's last byte."
    );
    describe_counter!(
        "composer_requests_refused_total",
        "Requests refused because too many ran at once, or the processor did not keep up."
    );
    describe_gauge!(
        "composer_processor_wait_seconds",
        Unit::Seconds,
        "How long work that has come waits for the processor."
    );
    describe_gauge!(
        "composer_refused_share",
        "The share of requests that is refused for it."
    );
    describe_counter!("composer_hand_overs_total", "Hand-overs to a successor, by result.");
    describe_counter!(
        "composer_accept_failures_total",
        "Connections that could not be taken, for want of files or memory, by listener."
    );
    describe_counter!(
        "composer_fetch_retries_total",
        "Second attempts at fetching a fragment, by app and why."
    );
    describe_counter!(
        "composer_fetch_hedges_total",
        "Fetches for which another instance was asked too, by app and whether that one won."
    );
    describe_counter!(
        "composer_fetch_breaker_opened_total",
        "Versions that were left alone because they mostly failed, by app."
    );
    describe_counter!(
        "composer_fetch_bulkhead_refused_total",
        "Fetches refused because too many of their app were under way, by app."
    );
    describe_gauge!("composer_connections_open", "Open connections, by listener.");
    describe_counter!(
        "composer_connections_refused_total",
        "Connections closed because too many were open."
    );
}
