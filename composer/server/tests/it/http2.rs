//! HTTP/2 without TLS, by prior knowledge.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, time::timeout};

use crate::support::{PATIENCE, composer};

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
