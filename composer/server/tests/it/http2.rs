//! HTTP/2 without TLS, by prior knowledge.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    site::Site,
    support::{PATIENCE, composer},
};

#[tokio::test]
async fn prior_knowledge_is_enough_and_an_idle_connection_ends() {
    let composer = composer("limits.idle_ms = 200\nlimits.head_ms = 100").await;
    let stream = TcpStream::connect(composer.running.public).await.unwrap();
    let (mut sender, connection) = http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    for path in ["/static/hello.txt", "/static/hello.txt"] {
        let request = http::Request::get(format!("http://localhost{path}"))
            .body(Empty::new())
            .unwrap();
        let reply = sender.send_request(request).await.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    timeout(PATIENCE, connection).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_stop_says_goodbye() {
    let composer = composer("limits.drain_ms = 60000").await;
    let stream = TcpStream::connect(composer.running.public).await.unwrap();
    let (mut sender, connection) = http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get("http://localhost/static/hello.txt")
        .body(Empty::new())
        .unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    timeout(PATIENCE, composer.running.drain()).await.unwrap();
    timeout(PATIENCE, connection).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_reset_and_the_others_go_on() {
    let composer = composer("limits.write_stall_ms = 100").await;
    std::fs::write(composer.folder.path().join("static/big.bin"), vec![b'x'; 4 << 20]).unwrap();
    let stream = TcpStream::connect(composer.running.public).await.unwrap();
    let (mut sender, connection) = http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let get = |path: &str| {
        http::Request::get(format!("http://localhost{path}"))
            .body(Empty::new())
            .unwrap()
    };
    let unread = sender.send_request(get("/static/big.bin")).await.unwrap();
    composer
        .until_metric("composer_requests_total{route=\"/static/{*path}\",status=\"200\"} 1")
        .await;
    let hello = sender.send_request(get("/static/hello.txt")).await.unwrap();
    assert_eq!(hello.into_body().collect().await.unwrap().to_bytes(), "hello");
    assert!(unread.into_body().collect().await.is_err());
}

#[tokio::test]
async fn visitors_who_take_nothing_keep_no_places_from_others() {
    const PATH: &str = "/product/7";
    let site = Site::start_with("fetch.in_flight_per_app = 4").await;
    // From now on it is known that its answers aren't kept: each is its page's own business.
    assert_eq!(site.get(PATH).await.status, 200);
    // It hangs: nothing but the fetch's own deadline ends it.
    site.answer("/fragments/hint", "");
    let mut taking_nothing = Vec::new();
    for _ in 0..4 {
        let stream = TcpStream::connect(site.composer.running.public).await.unwrap();
        let mut client = h2::client::Builder::new();
        let (sender, connection) = client
            .initial_window_size(0)
            .handshake::<_, Bytes>(stream)
            .await
            .unwrap();
        tokio::spawn(connection);
        let mut sender = sender.ready().await.unwrap();
        let request = http::Request::get(format!("http://localhost{PATH}")).body(()).unwrap();
        let (response, _) = sender.send_request(request, true).unwrap();
        let response = timeout(PATIENCE, response).await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        taking_nothing.push((sender, response));
    }
    // Much less than a client may stand still for.
    let others = timeout(PATIENCE / 2, async { while site.get(PATH).await.status != 200 {} });
    others.await.expect("the places should have been given back");
}
