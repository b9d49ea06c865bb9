//! Stopping.

use std::time::{Duration, Instant};

use tokio::{net::TcpStream, time::timeout};

use crate::support::{PATIENCE, composer};

const HELLO: &str = "GET /static/hello.txt HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_stop_closes_idle_connections_and_the_listener() {
    let composer = composer("limits.drain_ms = 60000").await;
    let mut idle = composer.client().await;
    idle.send(HELLO).await;
    idle.reply().await;
    let mut silent = composer.client().await;
    composer
        .until_metric("composer_connections_open{listener=\"public\"} 2")
        .await;
    let address = composer.running.public;
    timeout(PATIENCE, composer.running.drain()).await.unwrap();
    assert_eq!(idle.until_closed().await, "");
    assert_eq!(silent.until_closed().await, "");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_half_sent_request_cannot_hold_a_stop() {
    let composer = composer("limits.drain_ms = 200\nlimits.head_ms = 60000\nlimits.body_stall_ms = 60000").await;
    let mut head = composer.client().await;
    head.send("GET /static/hel").await;
    let mut body = composer.client().await;
    body.send("POST /_m/report HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{")
        .await;
    composer
        .until_metric("composer_connections_open{listener=\"public\"} 2")
        .await;
    let started = Instant::now();
    timeout(PATIENCE, composer.running.drain()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(190));
    head.until_closed().await;
    body.until_closed().await;
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_readiness_says_no() {
    let composer = composer("limits.drain_ms = 60000").await;
    let mut admin = composer.admin().await;
    admin.send("GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(admin.reply().await.status, 200);
    let mut client = composer.client().await;
    client.send("GET /static/hello.txt HTTP/1.1\r\nhost: loc").await;
    composer
        .until_metric("composer_connections_open{listener=\"public\"} 1")
        .await;
    let stopping = tokio::spawn(composer.running.drain());
    let started = Instant::now();
    loop {
        admin.send("GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n").await;
        if admin.reply().await.status == 503 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "still ready");
    }
    client.send("alhost\r\n\r\n").await;
    let reply = client.reply().await;
    assert_eq!(
        (reply.body.as_str(), reply.header("connection")),
        ("hello", Some("close"))
    );
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
}
