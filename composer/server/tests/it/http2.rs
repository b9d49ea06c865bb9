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
