//! What the pages show, and what they say when they can't.

use axum::http::StatusCode;
use contract::admin::{Action, Health, HistoryPage, PageView, SlotView, StoreHealth};

use super::desk::{Desk, NOW_MS, entry, status, who};

#[tokio::test]
async fn the_overview_shows_apps_and_canaries() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let page = desk.get("/fragments/overview").await;
    assert!(page.text.starts_with("<head><title>Overview"), "{}", page.text);
    page.shows("canary 1.5.0 · 5 % of users");
    page.shows("<b>2/3</b>");
    page.shows("Worse than stable");
    page.shows("8 of 200 requests failed (4 %), of stable 20 of 2\u{202f}000 (1 %); limit +5 %.");
    page.shows("Grows to 25 % in 8 min.");
    page.shows("no instances");
    page.shows("ida &lt;b&gt;");
    page.shows("Team decide &amp; Co");
    assert!(!page.view().contains("<script") && !page.view().contains(" style="));
}

#[tokio::test]
async fn an_app_shows_its_canary_with_charts_and_tables() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    let page = desk.get("/fragments/app?app=checkout").await;
    page.shows("Canary 1.5.0");
    page.shows("role=\"img\" aria-labelledby=\"c-failures-title c-failures-text\"");
    page.shows("After 2 min: failed requests of 1.5.0 4 %, of stable 1.4.2 1 %; the canary is withdrawn above 6 %.");
    page.shows("<td>8 of 200</td>");
    page.shows("href=\"/_m/console/confirm?act=promote&amp;app=checkout&amp;release=r57\"");
    page.shows("act=promote&amp;step=1&amp;app=checkout");
    page.shows("last failure: refused");
    page.shows(
        ">Breaker open since 09:40:00 UTC, 17 of 20 failed (its server answered 500 &lt;b&gt;); next try in 2 s</p>",
    );
    page.shows("&lt;script&gt;alert(1)&lt;/script&gt;");
    assert!(page.view().contains("faster form"));
}

#[tokio::test]
async fn an_app_without_canary_can_be_released_and_rolled_back() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    desk.sign_in().await;
    let page = desk.get("/fragments/app?app=checkout").await;
    page.shows("<option value=\"1.5.0\">1.5.0</option>");
    page.shows("<option value=\"1.4.1\">1.4.1</option>");
    assert!(!page.view().contains("<option value=\"1.4.2\">"), "it is live already");
    page.shows("Roll back to 1.4.1");
    assert!(!page.view().contains(">Roll back to 1.4.2<") && !page.view().contains(">Roll back to 1.5.0<"));
}

#[tokio::test]
async fn only_what_was_live_for_everybody_can_be_rolled_back_to() {
    let desk = Desk::open().await;
    desk.says("GET /v1/status", 200, &status(false));
    let page = |acts: &[(&str, &str)], before| HistoryPage {
        entries: acts.iter().map(|(act, text)| entry(50, act, text)).collect(),
        before,
    };
    // Not followed by `hidden`.
    let rolled = "aria-label=\"Roll back to 1.4.1\" class";
    for (acts, before, possible) in [
        (
            vec![("released", "released checkout@1.4.1 to 5 % of users")],
            None,
            false,
        ),
        (vec![("released", "released decide@1.0.0, checkout@1.4.1")], None, true),
        (vec![("rolled-back", "rolled back to checkout@1.4.1")], None, true),
        (vec![], None, false),
        (vec![], Some(40), true),
    ] {
        desk.says("GET /v1/history", 200, &page(&acts, before));
        desk.sign_in().await;
        let page = desk.get("/fragments/app?app=checkout").await;
        assert_eq!(
            page.view().contains(rolled),
            possible,
            "{acts:?} {before:?} {}",
            page.view()
        );
    }
}

#[tokio::test]
async fn a_token_that_may_only_look_is_told_which_right_is_missing() {
    let desk = Desk::open().await;
    desk.says("GET /v1/whoami", 200, &who(&[Action::Read], None));
    desk.sign_in().await;
    desk.get("/fragments/app?app=checkout")
        .await
        .shows("it lacks the right `release`");
    let other = Desk::open().await;
    other.says(
        "GET /v1/whoami",
        200,
        &who(&[Action::Read, Action::Release], Some(&["decide"])),
    );
    other.sign_in().await;
    other
        .get("/fragments/app?app=checkout")
        .await
        .shows("may not act on `checkout`: it is for decide.");
    let mine = who(&[Action::Read, Action::Release], Some(&["checkout"]));
    other.says("GET /v1/whoami", 200, &mine);
    other.get("/fragments/app?app=checkout").await.hides("may not act on");
    other.refuses(
        "GET /v1/history",
        403,
        "token 3f9a12bc may not `read` for app `checkout`",
    );
    assert_eq!(
        other.get("/fragments/app?app=checkout").await.status,
        StatusCode::OK,
        "the rest is shown"
    );
}

#[tokio::test]
async fn an_app_that_is_not_there_is_not_found() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    for name in ["nothing", "..", "a%2F..%2Fb", ""] {
        let page = desk.get(&format!("/fragments/app?app={name}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{name}");
        page.shows("There is no such app");
    }
    assert!(desk.calls("GET /v1").iter().all(|call| !call.what.contains("..")));
}

#[tokio::test]
async fn a_page_whose_api_is_away_says_so() {
    let desk = Desk::open().await;
    desk.sign_in().await;
    desk.says("GET /v1/status", 200, &"something else");
    let page = desk.get("/fragments/overview").await;
    assert_eq!(page.status, StatusCode::OK, "5xx would be the composer's error page");
    page.shows("The admin API was not understood");
    desk.refuses("GET /v1/status", 403, "token 3f9a12bc may not `read`: it may `release`");
    let page = desk.get("/fragments/overview").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.shows("Your token may not do this");
    page.shows("Token 3f9a12bc may not `read`: it may `release`.");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_is_a_banner() {
    let desk = Desk::open().await;
    let mut now = status(false);
    now.store = StoreHealth {
        health: Health::Unavailable,
        text: "the disk is full".into(),
    };
    desk.says("GET /v1/status", 200, &now);
    desk.sign_in().await;
    let page = desk.get("/fragments/overview").await;
    page.shows("ledger unavailable");
    page.shows("Nothing can be released now; pages are served on. The disk is full.");
}

#[tokio::test]
async fn the_history_is_filtered_and_goes_on() {
    let desk = Desk::open().await;
    let entries: Vec<_> = (1..=200_u64)
        .rev()
        .map(|at| {
            entry(
                at,
                if at.is_multiple_of(2) {
                    "released"
                } else {
                    "canary-stepped"
                },
                "did",
            )
        })
        .collect();
    let page = HistoryPage {
        entries,
        before: Some(1),
    };
    desk.says("GET /v1/history", 200, &page);
    desk.sign_in().await;
    let shown = desk.get("/fragments/history?app=checkout&act=released&by=IDA").await;
    assert_eq!(shown.view().matches("<li class=\"c-entry\">").count(), 50);
    shown.shows("/_m/console/history?act=released&amp;app=checkout&amp;by=IDA&amp;before=102");
    shown.shows("<option value=\"released\" selected>");
    assert_eq!(desk.calls("GET /v1/history?limit=200&app=checkout").len(), 1);
    let none = desk.get("/fragments/history?by=nobody").await;
    none.shows("Nothing like that among the newest entries.");
    assert_eq!(
        desk.calls("GET /v1/history?limit=200&before=1").len(),
        4,
        "the search ends"
    );
}

/// A product's page, as the admin API tells it: by depth.
fn product() -> PageView {
    let slot = |fragment: &str, version: Option<&str>, included_by: Option<&str>, depth| SlotView {
        fragment: fragment.parse().unwrap(),
        version: version.map(|version| version.parse().unwrap()),
        owner: "Team Decide".into(),
        team: Some("decide-team".parse().unwrap()),
        role: if depth == 0 {
            contract::Role::Primary
        } else {
            contract::Role::Optional
        },
        included_by: included_by.map(str::to_owned),
        depth,
    };
    PageView {
        path: "/product/a b".into(),
        at_ms: NOW_MS,
        revision: 57,
        route: Some("/product/{id}".into()),
        layout: Some("explore/shop".parse().unwrap()),
        composition: "decide@2.0.0 explore@1.0.0".into(),
        slots: vec![
            slot("decide/product", Some("2.0.0"), None, 0),
            slot("explore/header", Some("1.0.0"), Some("explore/shop"), 0),
            slot("reviews/list", None, Some("decide/product"), 1),
            slot("checkout/mini-cart", Some("1.4.2"), Some("explore/header"), 1),
            slot("checkout/add-to-cart", Some("1.4.2"), Some("decide/product"), 1),
        ],
        lock: None,
    }
}

#[tokio::test]
async fn the_page_view_names_each_slot() {
    let desk = Desk::open().await;
    desk.says("GET /v1/page", 200, &product());
    desk.sign_in().await;
    let page = desk
        .get("/fragments/page?path=/product/a%20b&at=2026-11-23T09:41")
        .await;
    page.shows("decide/product");
    let names = page.view().split("<p class=\"c-box__name\">").skip(1);
    let names: Vec<&str> = names.map(|rest| rest.split('<').next().unwrap()).collect();
    let inside_each_other = [
        "decide/product",
        "reviews/list",
        "checkout/add-to-cart",
        "explore/header",
        "checkout/mini-cart",
    ];
    assert_eq!(names, inside_each_other);
    page.shows("not live");
    page.shows("Team Decide (decide-team)");
    page.shows("/product/{id}");
    assert_eq!(
        desk.calls("GET /v1/page?path=%2Fproduct%2Fa+b&at_ms=1795426860000")
            .len(),
        1
    );
    desk.get("/fragments/page?path=product").await.shows("That is no path");
    desk.get("/fragments/page?path=/&at=yesterday")
        .await
        .shows("That is no moment");
    assert_eq!(
        desk.calls("GET /v1/page").len(),
        1,
        "nothing is asked that makes no sense"
    );
}
