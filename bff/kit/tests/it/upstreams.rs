//! Calls to services behind the BFF.

use std::{future::pending, time::Duration};

use axum::{Router, extract::Request, routing::get};
use bff_kit::{
    Json, Problem, RequestContext,
    upstream::{Upstream, UpstreamError, bonus},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{ask, get as request, with_route};

async fn service() -> Upstream {
    let router = Router::new()
        .route(
            "/levels/7",
            get(|request: Request| async move {
                let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
                Json(json!({"trace": header("traceparent"), "left": header("marquetry-deadline-ms")}))
            }),
        )
        .route("/never", get(pending::<&'static str>))
        .route("/long", get(|| async { "x".repeat(5 << 20) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Upstream::new(&origin).unwrap()
}

#[tokio::test]
async fn a_call_hands_on_trace_and_time_left() {
    let service = service().await;
    let handler = async move |context: RequestContext| -> Result<Json<Value>, Problem> {
        let seen: Value = service.get(&context, "/levels/7").await?;
        assert!(seen["trace"].as_str().unwrap().contains(&context.trace.trace_id()));
        assert!(!seen["trace"].as_str().unwrap().contains(&context.trace.span_id()));
        assert!(seen["left"].as_str().unwrap().parse::<u32>().unwrap() <= 900);
        Ok(Json(seen))
    };
    let answer = ask(
        with_route("/x", get(handler)),
        request("/x").header("marquetry-deadline-ms", "900"),
    )
    .await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
}

#[tokio::test]
async fn a_service_that_fails_is_a_bad_gateway_and_a_bonus_is_none() {
    let service = service().await;
    let part = service.clone();
    let handler = async move |context: RequestContext| -> Result<Json<Value>, Problem> {
        assert_eq!(bonus::<Value, _>("stock", part.get(&context, "/levels/8")).await, None);
        let missing = part.get::<Value>(&context, "/levels/8").await.unwrap_err();
        assert!(missing.is_not_found());
        let long = part.get::<Value>(&context, "/long").await.unwrap_err();
        assert!(matches!(long, UpstreamError::Body { .. }));
        Ok(Json(part.get(&context, "/nowhere").await?))
    };
    assert_eq!(ask(with_route("/x", get(handler)), request("/x")).await.status(), 502);
}

#[tokio::test]
async fn a_service_that_hangs_costs_the_deadline_and_no_more() {
    let service = service().await;
    let handler = async move |mut context: RequestContext| -> Result<Json<Value>, Problem> {
        context.deadline = Some(tokio::time::Instant::now() + Duration::from_millis(20));
        Ok(Json(service.get(&context, "/never").await?))
    };
    assert_eq!(ask(with_route("/x", get(handler)), request("/x")).await.status(), 504);
}

#[test]
fn only_an_origin_is_an_address() {
    for bad in ["", "localhost", "https://a", "http://a/b", "http://a?b", "ftp://a"] {
        assert!(Upstream::new(bad).is_err(), "{bad}");
    }
    assert!(Upstream::new("http://127.0.0.1:7001/").is_ok());
}
