//! Requests of browsers handed on: to which instance, how often, and how they are counted.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use composer_fetch::{Exchange, ExchangeError, FetchError, Numbers, Upstream};
use http::{Method, Request};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    bff::Bff,
    fetching::{fetch_by, request, upstream_at},
};

fn get(path: &str) -> Request<Empty<Bytes>> {
    let asked = Request::builder().uri(path).header("host", "shop.example");
    asked.body(Empty::new()).unwrap()
}

async fn dead() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn numbers(upstream: &Upstream) -> (u64, u64, u64) {
    let Numbers {
        requests,
        errors,
        deadlines,
    } = upstream.numbers();
    (requests, errors, deadlines)
}

#[tokio::test]
async fn an_instance_is_asked_by_its_own_name() {
    let mut bff = Bff::says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let response = exchange.send(get("/cart?x=1")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok");
    let seen = bff.request().await;
    assert!(seen.starts_with("GET /cart?x=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("\r\nhost: {}\r\n", bff.address)), "{seen}");
    assert_eq!(numbers(&upstream), (1, 0, 0));
}

#[tokio::test]
async fn an_instance_is_busy_as_long_as_its_answer_goes_on() {
    let bff = Bff::says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let response = exchange.send(get("/events")).await.unwrap();
    assert_eq!(upstream.instances()[0].in_flight, 1);
    drop((response, exchange));
    assert_eq!(upstream.instances()[0].in_flight, 0);
}

#[tokio::test]
async fn only_what_is_safe_and_has_no_body_goes_to_another_instance() {
    let bff = Bff::run(|mut peer| async move {
        while peer.request().await {
            peer.send(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    })
    .await;
    for _ in 0..20 {
        let upstream = upstream_at(&[dead().await, bff.address]);
        let mut exchange = Exchange::begin(&upstream).unwrap();
        assert_eq!(exchange.send(get("/cart")).await.unwrap().status(), 204);
        assert_eq!(numbers(&upstream), (1, 0, 0));
    }
    let upstream = upstream_at(&[dead().await, bff.address]);
    let post = || {
        let posted = Request::builder().method(Method::POST).uri("/cart");
        posted.body(Full::new(Bytes::from_static(b"sku=1"))).unwrap()
    };
    let failing = async { while Exchange::begin(&upstream).unwrap().send(post()).await.is_ok() {} };
    timeout(Duration::from_secs(5), failing).await.unwrap();
    assert_eq!(upstream.numbers().errors, 1);
}

#[tokio::test]
async fn what_fails_is_counted_once() {
    let bff = Bff::says("HTTP/1.1 503 Ill\r\ncontent-length: 0\r\n\r\n").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    assert_eq!(exchange.send(get("/")).await.unwrap().status(), 503);
    assert_eq!(numbers(&upstream), (1, 1, 0));

    let bff = Bff::says("HTTP/1.1 500 Ill\r\ncontent-length: 9\r\n\r\nhalf").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let response = exchange.send(get("/")).await.unwrap();
    exchange.broke(&std::io::Error::other(format!("{} was cut", response.status())));
    assert_eq!(
        numbers(&upstream),
        (1, 1, 0),
        "an error page that breaks off is one failure"
    );

    let upstream = upstream_at(&[dead().await]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let error = exchange.send(get("/")).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Connect(_)), "{error:?}");
    assert_eq!(numbers(&upstream), (1, 1, 0));

    let bff = Bff::says("nonsense\r\n\r\n").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let error = exchange.send(get("/")).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Broken(_)), "{error:?}");
    assert_eq!(numbers(&upstream), (1, 1, 0));

    let bff = Bff::says("").await;
    let upstream = upstream_at(&[bff.address]);
    let mut exchange = Exchange::begin(&upstream).unwrap();
    assert!(
        timeout(Duration::from_millis(50), exchange.send(get("/")))
            .await
            .is_err()
    );
    exchange.late(&std::io::Error::from(std::io::ErrorKind::TimedOut));
    assert_eq!(numbers(&upstream), (1, 0, 1));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_and_a_stream_of_events_that_ends_is_none() {
    for (content_type, errors) in [("text/html", 1), ("text/event-stream", 0)] {
        let bff = Bff::run(move |mut peer| async move {
            peer.request().await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n");
            peer.send(head.as_bytes()).await;
        })
        .await;
        let upstream = upstream_at(&[bff.address]);
        let mut exchange = Exchange::begin(&upstream).unwrap();
        let response = exchange.send(get("/")).await.unwrap();
        exchange.broke(&response.into_body().collect().await.unwrap_err());
        assert_eq!(numbers(&upstream), (1, errors, 0), "{content_type}");
    }
}

#[tokio::test]
async fn a_browser_that_breaks_off_its_upload_is_no_fault_of_the_app() {
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let upstream = upstream_at(&[bff.address]);
    let broken = futures_util::stream::iter([Err::<http_body::Frame<Bytes>, _>("the browser is gone")]);
    let posted = Request::builder().method(Method::POST).uri("/upload");
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let error = exchange
        .send(posted.body(StreamBody::new(broken)).unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, ExchangeError::Upload(_)), "{error:?}");
    assert_eq!(numbers(&upstream), (0, 0, 0));
}

#[tokio::test]
async fn streams_of_browsers_leave_room_for_pages() {
    let bff = Bff::run(|mut peer| async move {
        while peer.request().await {
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nok")
                .await;
        }
    })
    .await;
    let upstream = crate::fetching::upstream_with(&[bff.address], |config| config.max_exchanges_per_origin = 3);
    let streams: Vec<_> = (0..3).map(|_| Exchange::begin(&upstream).unwrap()).collect();
    assert!(matches!(Exchange::begin(&upstream), Err(FetchError::Busy { limit: 3 })));
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    drop(streams);
    assert!(Exchange::begin(&upstream).is_ok());
    assert_eq!(Arc::strong_count(&upstream), 1);
}
