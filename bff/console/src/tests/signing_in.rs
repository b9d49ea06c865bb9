//! Signing in and out, and who stays signed in.

use std::time::Duration;

use axum::http::{StatusCode, header};

use super::desk::{Desk, TOKEN};
use crate::{admin::Token, sessions::Sessions};

#[tokio::test]
async fn a_page_sends_strangers_to_the_sign_in_and_back() {
    let desk = Desk::open().await;
    let reply = desk.get("/fragments/app?app=checkout").await;
    let to = "/_m/console/sign-in?to=%2F_m%2Fconsole%2Fapps%2Fcheckout";
    assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, to));
    desk.get("/fragments/sign-in?to=/_m/console/apps/checkout")
        .await
        .shows(r#"value="/_m/console/apps/checkout""#);
    let reply = desk
        .form("/sign-in", &[("token", TOKEN), ("to", "/_m/console/apps/checkout")])
        .await;
    assert_eq!(reply.location(), "/_m/console/apps/checkout");
    assert_eq!(desk.get("/fragments/app?app=checkout").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_stays_on_the_server() {
    let desk = Desk::open().await;
    let reply = desk.form("/sign-in", &[("token", &format!("  {TOKEN}\n"))]).await;
    let cookie = reply.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["console-session=", "HttpOnly", "SameSite=Strict", "Path=/_m"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age") && !cookie.contains("3f9a12bc"), "{cookie}");
    for path in [
        "overview",
        "app?app=checkout",
        "history",
        "page",
        "confirm?act=pause&app=checkout&release=r57",
    ] {
        desk.get(&format!("/fragments/{path}")).await.hides("secretsecret");
    }
    assert!(
        desk.calls("GET /v1")
            .iter()
            .all(|call| call.token == format!("Bearer {TOKEN}"))
    );
    let token = Token::parse(TOKEN).unwrap();
    assert!(!format!("{token:?}").contains("secret"));
}

#[tokio::test]
async fn what_is_no_token_is_not_even_sent() {
    let desk = Desk::open().await;
    let long = format!("mq_{}", "a".repeat(500));
    for bad in ["", "Bearer x", "mq_a\r\nx: y", "mq_ä", "hunter2", long.as_str()] {
        let reply = desk.form("/sign-in", &[("token", bad)]).await;
        assert_eq!(reply.location(), "/_m/console/sign-in?why=refused", "{bad:?}");
    }
    assert!(desk.calls("GET /v1/whoami").is_empty() && desk.cookie().is_none());
}

#[tokio::test]
async fn a_token_that_does_not_count_is_told_apart_from_an_api_that_is_away() {
    let desk = Desk::open().await;
    desk.refuses("GET /v1/whoami", 401, "the token is unknown");
    let reply = desk
        .form("/sign-in", &[("token", TOKEN), ("to", "/_m/console/history")])
        .await;
    assert_eq!(
        reply.location(),
        "/_m/console/sign-in?why=refused&to=%2F_m%2Fconsole%2Fhistory"
    );
    desk.get("/fragments/sign-in?why=refused")
        .await
        .shows("This token does not count");
    let alone = Desk::alone();
    let reply = alone.form("/sign-in", &[("token", TOKEN)]).await;
    assert_eq!(reply.location(), "/_m/console/sign-in?why=unreachable");
    alone
        .get("/fragments/sign-in?why=unreachable")
        .await
        .shows("The admin API does not answer");
}

#[tokio::test]
async fn the_sign_in_leads_to_pages_of_the_console_only() {
    let desk = Desk::open().await;
    for bad in [
        "https://evil.example",
        "//evil.example",
        "/checkout",
        "/_m/consolex",
        "/_m/console/sign-in",
        "/_m/console/\r\nx",
        "/_m/console/ä",
    ] {
        let reply = desk.form("/sign-in", &[("token", TOKEN), ("to", bad)]).await;
        assert_eq!(reply.location(), "/_m/console", "{bad:?}");
    }
}

#[tokio::test]
async fn signing_out_forgets_the_token() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let stolen = desk.cookie().unwrap();
    let reply = desk.form("/sign-out", &[]).await;
    assert_eq!(reply.location(), "/_m/console/sign-in?why=left");
    assert!(
        reply.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert!(desk.cookie().is_none(), "{stolen}");
    assert_eq!(desk.get("/fragments/overview").await.location(), "/_m/console/sign-in");
}

#[tokio::test]
async fn each_sign_in_has_an_id_of_its_own_and_ends_the_one_before() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let first = desk.cookie().unwrap();
    desk.sign_in().await;
    let second = desk.cookie().unwrap();
    assert!(first != second && first.len() == "console-session=".len() + 64);
}

#[tokio::test]
async fn a_revoked_token_ends_the_session() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    desk.refuses("GET /v1/status", 401, "the token was revoked");
    let reply = desk.json("/api/overview").await;
    assert_eq!(
        (reply.status, reply.json()["title"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("You are signed out"))
    );
    desk.says("GET /v1/status", 200, &super::desk::status(false));
    assert_eq!(
        desk.get("/fragments/overview").await.location(),
        "/_m/console/sign-in",
        "the session is gone"
    );
}

#[tokio::test]
async fn polls_keep_nobody_signed_in() {
    let idle = Duration::from_millis(1_500);
    let desk = Desk::with(Sessions::with(idle, 8)).await;
    let began = tokio::time::Instant::now();
    desk.sign_in().await;
    let mut polls = 0;
    while desk.json("/api/overview").await.status == StatusCode::OK {
        polls += 1;
        assert!(began.elapsed() < Duration::from_secs(20), "{polls} polls");
        tokio::task::yield_now().await;
    }
    assert!(polls > 0 && began.elapsed() >= idle);
    assert_eq!(desk.get("/fragments/overview").await.location(), "/_m/console/sign-in");
}

#[tokio::test]
async fn the_one_who_was_away_longest_makes_room() {
    let desk = Desk::with(Sessions::with(Duration::from_secs(60), 1)).await;
    desk.sign_in().await;
    let other = Desk::open().await;
    other.sign_in().await;
    assert_eq!(desk.get("/fragments/overview").await.status, StatusCode::OK);
    let sessions = Sessions::with(Duration::from_secs(60), 2);
    let who = super::desk::who(&[], None);
    let ids = [0; 5].map(|_| sessions.begin(Token::parse(TOKEN).unwrap(), who.clone()).unwrap());
    assert_eq!(sessions.count(), 2, "{ids:?}");
}
