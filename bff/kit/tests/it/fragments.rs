//! Replies of fragments.

use std::time::Duration;

use axum::routing::get;
use bff_kit::{Fragment, Problem, Redirect, RequestContext, Session, redirect};
use leptos::prelude::*;

use crate::{ask, bff, get as request, with_route};

#[tokio::test]
async fn a_leptos_fragment_knows_its_name_and_its_base() {
    let handler = async |context: RequestContext| {
        Fragment::leptos(
            &context,
            2,
            |count: u32| view! { <a href=fragments_kit::link("/cart")>{count}</a> },
        )
        .await
    };
    let router = bff().fragment("mini-cart", handler).router().unwrap();
    let answer = ask(router, request("/fragments/mini-cart")).await;
    let want = concat!(
        r#"<div data-root data-boundary="checkout/mini-cart"><a href="/_m/app/checkout@1.0.0/cart">2</a></div>"#,
        r#"<script type="application/json" data-props>{"p":2,"b":"/_m/app/checkout@1.0.0","r":[],"e":[]}</script>"#
    );
    assert_eq!((answer.status(), answer.text()), (200, want));
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn title_and_meta_lead_and_are_escaped() {
    let handler = async || {
        Fragment::html("<h1>None</h1>")
            .status(404)
            .title("</title><script>")
            .meta("description", "a \"good\" one")
            .cache_control("public, max-age=60")
    };
    let answer = ask(
        bff().fragment("mini-cart", handler).router().unwrap(),
        request("/fragments/mini-cart"),
    )
    .await;
    let want = concat!(
        "<head><title>&lt;/title&gt;&lt;script&gt;</title>",
        r#"<meta name="description" content="a &quot;good&quot; one"></head><h1>None</h1>"#
    );
    assert_eq!((answer.status(), answer.text()), (404, want));
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
}

#[tokio::test]
async fn what_is_kept_says_how_long_and_by_which_name() {
    let minute = Duration::from_secs(60);
    let kept = async move || Fragment::html("a").kept_for(minute).tag("list").tag("product-7");
    let lost = async move || Fragment::html("a").kept_for(minute).tag("list").status(404);
    let router = bff().fragment("mini-cart", kept).router().unwrap();
    let answer = ask(router, request("/fragments/mini-cart")).await;
    let terms = "max-age=60, stale-while-revalidate=60, stale-if-error=86400";
    assert_eq!(answer.header("cdn-cache-control"), terms);
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!(answer.header("cache-tag"), "list", "the first of two lines");
    let router = bff().fragment("mini-cart", lost).router().unwrap();
    let answer = ask(router, request("/fragments/mini-cart")).await;
    assert_eq!(
        (answer.header("cdn-cache-control"), answer.header("cache-control")),
        ("", "no-store")
    );
}

#[tokio::test]
async fn a_session_is_made_once_and_kept() {
    let handler = async |context: RequestContext| {
        let session = Session::of_or_new(&context, "cart");
        Fragment::html(session.id()).cookie(session.cookie())
    };
    let router = bff().fragment("mini-cart", handler).router().unwrap();
    let first = ask(
        router.clone(),
        request("/fragments/mini-cart").header("x-forwarded-proto", "https"),
    )
    .await;
    let id = first.text();
    let want = format!("cart={id}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000");
    assert_eq!((id.len(), first.header("set-cookie")), (32, want.as_str()));
    let cookie = format!("a=b; cart={id}");
    let second = ask(router.clone(), request("/fragments/mini-cart").header("cookie", cookie)).await;
    assert_eq!(second.text(), id);
    assert!(!second.header("set-cookie").contains("Secure"));
    let forged = ask(
        router,
        request("/fragments/mini-cart").header("cookie", "cart=../../etc"),
    )
    .await;
    assert_ne!(forged.text(), "../../etc");
}

#[tokio::test]
async fn only_a_fragments_route_renders_one() {
    let handler = async |context: RequestContext| Fragment::leptos(&context, (), |()| view! { <p></p> }).await;
    assert_eq!(
        ask(with_route("/other", get(handler)), request("/other"))
            .await
            .status(),
        500
    );
}

#[tokio::test]
async fn a_form_is_answered_with_a_redirect() {
    let handler =
        async || -> Result<(Option<bff_kit::SetCookie>, Redirect), Problem> { Ok((None, redirect("/cart")?)) };
    let answer = ask(with_route("/add", get(handler)), request("/add")).await;
    assert_eq!((answer.status(), answer.header("location")), (303, "/cart"));
}
