//! The numbers that an open page asks for.

use axum::http::StatusCode;

use super::desk::{Desk, status};

#[tokio::test]
async fn a_page_gets_what_it_was_drawn_from() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let overview = desk.json("/api/overview").await;
    assert_eq!(overview.headers["cache-control"], "no-store");
    assert_eq!(overview.json()["canaries"][0]["share_bp"], 500);
    let app = desk.json("/api/apps/checkout").await.json();
    assert_eq!(app["canary"]["samples"][0]["at_s"], 120);
    assert_eq!(app["as_of"]["clock"], "09:41:05 UTC");
    desk.says("GET /v1/status", 200, &status(false));
    assert!(desk.json("/api/apps/checkout").await.json()["canary"].is_null());
}

#[tokio::test]
async fn an_app_that_is_gone_is_a_problem() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    for name in ["nothing", "NOT-A-NAME", "a%2Fb"] {
        let reply = desk.json(&format!("/api/apps/{name}")).await;
        assert_eq!(
            (reply.status, reply.json()["title"].as_str()),
            (StatusCode::NOT_FOUND, Some("There is no such app"))
        );
    }
}

#[tokio::test]
async fn an_api_that_is_away_is_a_bad_gateway_and_tells_nothing_of_where_it_is() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    desk.says("GET /v1/status", 500, &"panic at 10.0.0.1");
    let reply = desk.json("/api/overview").await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    reply.hides("10.0.0.1");
    reply.hides("127.0.0.1");
}
