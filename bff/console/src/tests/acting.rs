//! Questions, acts, and what comes of them.

use axum::http::StatusCode;
use contract::admin::{Finding, ProblemReply, Severity};
use serde_json::json;

use super::desk::{Desk, done, status};

const PAUSE: [(&str, &str); 4] = [
    ("act", "pause"),
    ("app", "checkout"),
    ("release", "r57"),
    ("reason", "lunch"),
];

#[tokio::test]
async fn an_act_is_asked_about_before_it_is_done() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let page = desk.get("/fragments/confirm?act=abort&app=checkout&release=r57").await;
    page.shows("Withdraw checkout 1.5.0?");
    page.shows("They get checkout 1.4.2 with the next page that they open.");
    page.shows(r#"action="/_m/app/console@1.0.0/act" method="post""#);
    page.shows(r#"<input type="hidden" name="release" value="r57">"#);
    page.shows(r#"<input type="hidden" name="revision" value="57">"#);
    page.shows("name=\"reason\"");
    assert!(desk.calls("POST").is_empty(), "asking does nothing");
    let dialog = desk.json("/api/ask?act=abort&app=checkout&release=r57").await.json();
    assert_eq!(dialog["title"], "Withdraw checkout 1.5.0?");
    assert_eq!((&dialog["danger"], &dialog["refused"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_form_is_done_and_told_on_the_next_page_once() {
    let desk = Desk::open().await;
    desk.says("POST /v1/releases/r57/pause", 200, &done());
    desk.sign_in().await;
    let reply = desk.form("/act", &PAUSE).await;
    assert_eq!(
        (reply.status, reply.location()),
        (StatusCode::SEE_OTHER, "/_m/console/apps/checkout")
    );
    assert_eq!(desk.calls("POST")[0].body["reason"], "lunch");
    desk.get("/fragments/app?app=checkout")
        .await
        .shows("The canary of checkout is paused.");
    desk.get("/fragments/app?app=checkout")
        .await
        .hides("The canary of checkout is paused.");
}

#[tokio::test]
async fn an_act_needs_a_reason() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let reply = desk
        .post(
            "/act",
            &json!({"act": "pause", "app": "checkout", "release": "r57", "reason": " "}),
        )
        .await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.json()["fields"]["reason"].is_string());
    assert!(desk.calls("POST").is_empty());
}

#[tokio::test]
async fn a_release_is_tried_before_it_is_asked_for() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    desk.says("POST /v1/releases?dry_run=true", 200, &done());
    desk.says("POST /v1/releases", 200, &done());
    desk.sign_in().await;
    let asked = "act=release&app=checkout&version=1.5.0&audience=share&steps=5%25,25%25,100%25&every=10";
    let ask = desk.json(&format!("/api/ask?{asked}")).await.json();
    assert_eq!(ask["title"], "Release checkout 1.5.0 to 5 % of users?");
    assert_eq!(ask["findings"][0]["title"], "Checked");
    let mut fields = ask["fields"].clone();
    fields["reason"] = json!("faster form");
    let reply = desk.post("/act", &fields).await;
    assert_eq!(reply.json()["text"], "checkout 1.5.0 is live for 5 % of users, as r58.");
    let sent = desk.calls("POST /v1/releases").pop().unwrap().body;
    assert_eq!(sent["apps"], json!(["checkout@1.5.0"]));
    assert_eq!(sent["canary"]["steps"], json!([500, 2500, 10000]));
    assert_eq!(
        (&sent["canary"]["every_s"], &sent["if_revision"]),
        (&json!(600), &json!(57))
    );
}

#[tokio::test]
async fn a_release_that_checks_refuse_cannot_be_sent() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    let problem = ProblemReply {
        kind: "about:blank".into(),
        title: "Unprocessable".into(),
        status: 422,
        detail: "2 checks failed".into(),
        request_id: None,
        findings: vec![Finding {
            severity: Severity::Error,
            rule: "route-conflict".into(),
            at: "checkout@1.5.0".into(),
            text: "`/cart` is a page of explore already".into(),
        }],
        revision: None,
    };
    desk.says("POST /v1/releases?dry_run=true", 422, &problem);
    desk.sign_in().await;
    let page = desk
        .get("/fragments/confirm?act=release&app=checkout&version=1.5.0&audience=all")
        .await;
    page.shows("`/cart` is a page of explore already");
    page.shows("disabled");
    let wrong = desk
        .get("/fragments/confirm?act=release&app=checkout&version=1.5.0&audience=share&steps=no")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("steps must be growing shares");
}

#[tokio::test]
async fn who_comes_second_is_shown_who_was_first() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    desk.refuses("POST /v1/rollbacks", 409, "max released checkout@1.4.4 as r59");
    desk.sign_in().await;
    let fields = [
        ("act", "rollback"),
        ("app", "checkout"),
        ("version", "1.4.1"),
        ("revision", "57"),
        ("reason", "slow"),
    ];
    let reply = desk.form("/act", &fields).await;
    assert_eq!(reply.location(), "/_m/console/apps/checkout");
    let page = desk.get("/fragments/app?app=checkout").await;
    page.shows("Someone else acted first");
    page.shows(
        "Max released checkout@1.4.4 as r59. This page shows what is there now; look at it before you act again.",
    );
    let sent = &desk.calls("POST /v1/rollbacks")[0].body;
    assert_eq!(
        (&sent["if_revision"], &sent["apps"][0]["to"]),
        (&json!(57), &json!("1.4.1"))
    );
}

#[tokio::test]
async fn a_script_is_told_what_kept_an_act_from_being_done() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let fields = json!({"act": "promote", "app": "checkout", "release": "r57", "reason": "good", "step": "1"});
    for (status, title) in [
        (403, "Your token may not do this"),
        (409, "Someone else acted first"),
        (422, "That is not possible now"),
        (503, "The ledger can't be written now"),
    ] {
        desk.refuses("POST /v1/releases/r57/promote", status, "because");
        let reply = desk.post("/act", &fields).await;
        assert_eq!(
            (reply.status.as_u16(), reply.json()["title"].as_str()),
            (status, Some(title))
        );
        assert!(
            reply.json()["detail"].as_str().unwrap().contains("Because."),
            "{}",
            reply.text
        );
    }
    assert_eq!(desk.calls("POST")[0].body["step"], 1);
    desk.says("POST /v1/releases/r57/promote", 500, &"oops");
    assert_eq!(desk.post("/act", &fields).await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_canary_that_is_over_cannot_be_promoted() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    desk.sign_in().await;
    let page = desk
        .get("/fragments/confirm?act=promote&app=checkout&release=r57")
        .await;
    page.shows("r57 is over");
    page.shows("disabled");
}

#[tokio::test]
async fn nobody_acts_without_signing_in() {
    let desk = Desk::open().await;
    let reply = desk.form("/act", &PAUSE).await;
    assert_eq!(
        reply.location(),
        "/_m/console/sign-in?to=%2F_m%2Fconsole%2Fapps%2Fcheckout"
    );
    assert_eq!(desk.post("/act", &json!({})).await.status, StatusCode::UNAUTHORIZED);
    for path in ["/api/overview", "/api/apps/checkout", "/api/ask?act=pause"] {
        assert_eq!(desk.json(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(desk.calls("").is_empty(), "the admin API is asked nothing");
}
