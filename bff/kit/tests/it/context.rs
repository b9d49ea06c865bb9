//! What handlers learn about a request.

use axum::routing::get;
use bff_kit::RequestContext;

use crate::{ask, get as request, with_route};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_handler_sees_what_the_composer_sent() {
    let handler = async |context: RequestContext| {
        assert_eq!(context.link("/cart/add"), "/_m/app/checkout@1.0.0/cart/add");
        assert_eq!(context.fragment, None);
        assert_eq!(context.locale.choose(&["en", "de"]), "de");
        assert_eq!(context.cookies.get("cart"), Some("7"));
        assert_eq!(context.trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(context.trace.span_id(), "00f067aa0ba902b7");
        assert!(context.wants_json && !context.secure && context.deadline.is_some());
        context.request_id
    };
    let asked = request("/x")
        .header("accept", "application/json")
        .header("accept-language", "de-AT")
        .header("cookie", "cart=7")
        .header("marquetry-deadline-ms", "1000")
        .header("traceparent", TRACE)
        .header("x-request-id", "r-1");
    let answer = ask(with_route("/x", get(handler)), asked).await;
    assert_eq!((answer.text(), answer.header("x-request-id")), ("r-1", "r-1"));
}

#[tokio::test]
async fn a_request_without_any_of_it_is_served_as_well() {
    let handler = async |context: RequestContext| {
        assert_eq!(context.link("/cart/add"), "/cart/add");
        assert!(context.deadline.is_none() && !context.wants_json);
        context.request_id
    };
    let answer = ask(with_route("/x", get(handler)), http::Request::get("/x")).await;
    assert_eq!((answer.status(), answer.text().len()), (200, 32));
}

#[tokio::test]
async fn health_and_metrics_are_not_for_browsers() {
    let router = with_route("/x", get(async || "x"));
    for path in ["/healthz", "/metrics"] {
        assert_eq!(
            ask(router.clone(), http::Request::get(path)).await.status(),
            200,
            "{path}"
        );
        assert_eq!(ask(router.clone(), request(path)).await.status(), 404, "{path}");
    }
    ask(router.clone(), request("/x")).await;
    let metrics = ask(router, http::Request::get("/metrics")).await;
    assert!(
        metrics
            .text()
            .contains(r#"bff_requests_total{route="/x",status="200"}"#),
        "{}",
        metrics.text()
    );
}
