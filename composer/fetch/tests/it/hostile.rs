//! BFFs that hang, drip, cut, flood and lie: each is a failure of its own kind, in time.

use std::time::Duration;

use tokio::net::TcpListener;

use crate::{
    bff::Bff,
    fetching::{Got, fetch, fetch_by, request, upstream},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n";
const SOON: Duration = Duration::from_millis(150);
const IN_TIME: Duration = Duration::from_secs(5);

async fn fetch_soon(bff: &Bff) -> Got {
    let mut wanted = request(&upstream(bff.address));
    wanted.deadline = SOON;
    fetch_by(wanted).await
}

#[track_caller]
fn check(got: &Got, outcome: &str, body: &str) {
    assert_eq!((got.outcome(), got.body.as_str()), (outcome, body), "{got:?}");
    assert!(got.took < IN_TIME, "{got:?}");
}

/// Fails at once for what it answers, and shows nothing.
async fn refused(answer: impl Into<Vec<u8>>, outcome: &str) {
    let bff = Bff::says(answer).await;
    check(&fetch(bff.address).await, outcome, "");
}

#[tokio::test]
async fn one_that_hangs_before_its_head_meets_the_deadline() {
    let bff = Bff::says("").await;
    check(&fetch_soon(&bff).await, "deadline", "");
}

#[tokio::test]
async fn one_that_hangs_within_its_head_meets_the_deadline() {
    let bff = Bff::says("HTTP/1.1 200 OK\r\ncontent-ty").await;
    check(&fetch_soon(&bff).await, "deadline", "");
}

#[tokio::test]
async fn one_that_hangs_within_its_body_meets_the_deadline() {
    let bff = Bff::says(format!("{HEAD}content-length: 9\r\n\r\n<b>")).await;
    check(&fetch_soon(&bff).await, "deadline", "<b>");
}

#[tokio::test]
async fn one_that_drips_meets_the_deadline() {
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(format!("{HEAD}content-length: 99999\r\n\r\n").as_bytes())
            .await;
        let mut beat = tokio::time::interval(Duration::from_millis(10));
        while peer.send(b"x").await {
            beat.tick().await;
        }
    })
    .await;
    let got = fetch_soon(&bff).await;
    check(&got, "deadline", &"x".repeat(got.body.len()));
    assert!(!got.body.is_empty());
}

#[tokio::test]
async fn one_that_breaks_off_within_its_body_is_cut() {
    for head in [
        "content-length: 9\r\n\r\n<b>",
        "transfer-encoding: chunked\r\n\r\n3\r\n<b>\r\n",
    ] {
        let bff = Bff::run(move |mut peer| async move {
            peer.request().await;
            peer.send(format!("{HEAD}{head}").as_bytes()).await;
        })
        .await;
        check(&fetch(bff.address).await, "cut", "<b>");
    }
}

#[tokio::test]
async fn one_that_sends_broken_chunks_is_cut() {
    let bff = Bff::says(format!("{HEAD}transfer-encoding: chunked\r\n\r\n3\r\n<b>\r\nzz\r\n")).await;
    check(&fetch(bff.address).await, "cut", "<b>");
}

#[tokio::test]
async fn one_that_sends_framing_without_end_is_cut() {
    for (begin, again) in [("", "0"), ("3;x=", "y"), ("0\r\n", "x: y\r\n")] {
        let bff = Bff::run(move |mut peer| async move {
            peer.request().await;
            peer.send(format!("{HEAD}transfer-encoding: chunked\r\n\r\n{begin}").as_bytes())
                .await;
            let again = again.repeat(10_000);
            while peer.send(again.as_bytes()).await {}
        })
        .await;
        check(&fetch(bff.address).await, "cut", "");
    }
}

#[tokio::test]
async fn one_that_closes_without_a_word_fails_at_once() {
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
    })
    .await;
    check(&fetch(bff.address).await, "head", "");
}

#[tokio::test]
async fn one_that_speaks_no_http_fails_at_once() {
    refused("SSH-2.0-OpenSSH_9.9\r\n\r\n", "head").await;
    refused([0, 255, 10, 10], "head").await;
    refused("HTTP/1.1 999999 OK\r\n\r\n", "head").await;
}

#[tokio::test]
async fn a_head_of_10_mb_is_not_read() {
    refused(format!("{HEAD}x: {}\r\n\r\n", "y".repeat(10 << 20)), "head").await;
    let many: String = (0..200).map(|at| format!("x{at}: y\r\n")).collect();
    refused(format!("{HEAD}{many}\r\n"), "head").await;
}

#[tokio::test]
async fn informational_responses_have_an_end() {
    let hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
    refused(hint.repeat(100_000), "head").await;
    let bff = Bff::says(format!("{}{HEAD}content-length: 2\r\n\r\nok", hint.repeat(3))).await;
    check(&fetch(bff.address).await, "fresh", "ok");
}

#[tokio::test]
async fn a_body_longer_than_allowed_is_cut_there() {
    refused(format!("{HEAD}content-length: 100001\r\n\r\n"), "too_long").await;
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(format!("{HEAD}\r\n").as_bytes()).await;
        while peer.send(&[b'x'; 10_000]).await {}
    })
    .await;
    let got = fetch(bff.address).await;
    check(&got, "too_long", &"x".repeat(got.body.len()));
    assert!((1..=100_000).contains(&got.body.len()), "{}", got.body.len());
}

#[tokio::test]
async fn statuses_that_are_none_are_refused() {
    let body = "content-type: text/html\r\ncontent-length: 2\r\n\r\nok";
    for line in [
        "999 Odd",
        "500 Broken",
        "204 No Content",
        "206 Partial",
        "302 Found",
        "404 Not Found",
    ] {
        refused(format!("HTTP/1.1 {line}\r\n{body}"), "status").await;
    }
    refused(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        "status",
    )
    .await;
}

#[tokio::test]
async fn two_lengths_are_refused() {
    let both = "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    refused(format!("{HEAD}{both}"), "refused").await;
    refused(
        format!("{HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\nok"),
        "head",
    )
    .await;
}

#[tokio::test]
async fn only_plain_html_is_taken() {
    for headers in [
        "content-type: application/json",
        "x: y",
        "content-type: text/html\r\ncontent-encoding: gzip",
    ] {
        refused(
            format!("HTTP/1.1 200 OK\r\n{headers}\r\ncontent-length: 2\r\n\r\nok"),
            "refused",
        )
        .await;
    }
}

#[tokio::test]
async fn one_that_is_not_there_fails_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    check(&fetch(address).await, "connect", "");
}
