//! Views become HTML and a props script.

use std::time::Duration;

use fragments_kit::{base, link, server::render};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Texts, context, parts};

#[derive(Clone, Serialize, Deserialize)]
struct Cart {
    name: String,
    count: u32,
}

#[tokio::test]
async fn a_fragment_is_its_view_and_its_props() {
    let cart = Cart {
        name: "Ida".into(),
        count: 2,
    };
    let html = render(&context(), cart, |cart| view! { <b>{cart.name}</b> })
        .await
        .unwrap();
    let (view, script) = parts(&html);
    assert_eq!(view, "<b>Ida</b>");
    let want = serde_json::json!({"p": {"name": "Ida", "count": 2}, "b": "/_m/app/checkout@1.0.0", "r": [], "e": []});
    assert_eq!(script, want);
}

#[tokio::test]
async fn props_cannot_leave_their_script_nor_text_its_place() {
    for hostile in [
        "</script><script>alert(1)</script>",
        "<!--<script",
        "a\u{2028}b\u{2029}c",
        "&lt;]]>",
        "\"\\'",
    ] {
        let cart = Cart {
            name: hostile.into(),
            count: 0,
        };
        let html = render(
            &context(),
            cart,
            |cart| view! { <p title=cart.name.clone()>{cart.name.clone()}</p> },
        )
        .await
        .unwrap();
        let (view, script) = parts(&html);
        assert_eq!(script["p"]["name"], hostile);
        assert!(!view.contains("<script") && !view.contains("<!--"), "{view}");
    }
}

#[tokio::test]
async fn links_lead_to_the_version_that_rendered_them() {
    let html = render(&context(), (), |()| view! { <a href=link("/cart/add")>{base()}</a> })
        .await
        .unwrap();
    let want = r#"<a href="/_m/app/checkout@1.0.0/cart/add">/_m/app/checkout@1.0.0</a>"#;
    assert_eq!(parts(&html).0, want);
    assert_eq!(base(), "", "nothing stays behind after a rendering");
}

#[tokio::test]
async fn what_a_suspense_waits_for_is_in_the_html_and_goes_along() {
    let html = render(&context(), (), |()| {
        let late = Resource::new(
            || (),
            async |()| {
                tokio::task::yield_now().await;
                "arrived".to_owned()
            },
        );
        view! { <Suspense fallback=|| "waiting"><p>{move || Suspend::new(async move { late.await })}</p></Suspense> }
    })
    .await
    .unwrap();
    let (view, script) = parts(&html);
    assert!(view.contains("arrived") && !view.contains("waiting"), "{view}");
    assert_eq!(script["r"], serde_json::json!(["\"arrived\""]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_renderings_at_once_do_not_meet() {
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            tokio::spawn(async move {
                let mut context = context();
                context.base = format!("/_m/app/checkout@1.0.{number}");
                let html = render(&context, number, |number: u32| {
                    let signal = RwSignal::new(number);
                    let late = Resource::new(
                        || (),
                        move |()| async move {
                            for _ in 0..number % 7 {
                                tokio::task::yield_now().await;
                            }
                            (base(), signal.get_untracked())
                        },
                    );
                    let shown = move || Suspend::new(async move { format!("{:?}", late.await) });
                    view! { <a href=link("/x")>{signal}</a><Suspense>{shown}</Suspense> }
                })
                .await
                .unwrap();
                (context.base, number, html)
            })
        })
        .collect();
    for task in tasks {
        let (base, number, html) = task.await.unwrap();
        let (view, script) = parts(&html);
        assert!(view.contains(&format!("<a href=\"{base}/x\">{number}</a>")), "{view}");
        assert!(
            view.contains(&format!("(&quot;{base}&quot;, {number})"))
                || view.contains(&format!("(\"{base}\", {number})")),
            "{view}"
        );
        assert_eq!(script["p"], number);
    }
}

#[tokio::test]
async fn a_rendering_that_is_dropped_runs_its_cleanups() {
    let (ended, mut end) = tokio::sync::oneshot::channel::<()>();
    let context = context();
    let rendering = render(&context, (), move |()| {
        on_cleanup(move || drop(ended));
        let never = Resource::new(|| (), async |()| std::future::pending::<()>().await);
        view! { <Suspense>{move || Suspend::new(never.into_future())}</Suspense> }
    });
    let cut = tokio::time::timeout(Duration::from_millis(1), rendering).await;
    assert!(cut.is_err());
    assert_eq!(end.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Closed));
}

#[tokio::test]
async fn props_without_a_json_form_are_an_error() {
    let props = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = render(&context(), props, |_| view! { <p></p> }).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the props of fragment `checkout/mini-cart` have no JSON form"
    );
    let texts = Texts::from([("a".into(), "b".into())]);
    assert!(render(&context(), texts, |_| view! { <p></p> }).await.is_ok());
}
