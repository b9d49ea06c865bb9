//! Handlers end when nobody waits for them any more.

use std::{future::pending, time::Duration};

use axum::routing::get;
use tokio::time::Instant;

use crate::{ask, bff, get as request, with_route};

#[tokio::test(start_paused = true)]
async fn a_fragment_is_cancelled_at_the_callers_deadline() {
    let (held, mut end) = tokio::sync::oneshot::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(Some(held)));
    let handler = async move || {
        let _held = held.lock().unwrap().take();
        pending::<&'static str>().await
    };
    let router = bff().fragment("mini-cart", handler).router().unwrap();
    let started = Instant::now();
    let answer = ask(
        router,
        request("/fragments/mini-cart").header("marquetry-deadline-ms", "120"),
    )
    .await;
    assert_eq!(
        (answer.status(), &answer.json()["title"]),
        (504, &"The deadline is over".into())
    );
    assert_eq!(started.elapsed(), Duration::from_millis(120));
    assert_eq!(end.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Closed));
}

#[tokio::test(start_paused = true)]
async fn without_a_caller_who_tells_the_manifests_deadline_holds() {
    for header in ["", "soon", "-1"] {
        let router = bff()
            .fragment("mini-cart", async || pending::<&'static str>().await)
            .router()
            .unwrap();
        let started = Instant::now();
        let answer = ask(
            router,
            request("/fragments/mini-cart").header("marquetry-deadline-ms", header),
        )
        .await;
        assert_eq!((answer.status(), started.elapsed()), (504, Duration::from_millis(300)));
    }
}

#[tokio::test(start_paused = true)]
async fn other_routes_have_the_callers_deadline_alone() {
    let slow = async || {
        tokio::time::sleep(Duration::from_secs(20)).await;
        "done"
    };
    let router = with_route("/slow", get(slow));
    assert_eq!(ask(router.clone(), request("/slow")).await.text(), "done");
    assert_eq!(
        ask(router, request("/slow").header("marquetry-deadline-ms", "50"))
            .await
            .status(),
        504
    );
}
