//! How long, how much, how many.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, PATIENCE, composer};

const HELLO: &str = "GET /static/hello.txt HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_connection_without_a_head_is_closed() {
    let composer = composer("limits.head_ms = 100").await;
    for start in ["", "G", "GET / HTTP/1.1\r\nhost: local", "PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut client = composer.client().await;
        client.send(start).await;
        assert_eq!(client.until_closed().await, "", "{start:?}");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_closed() {
    let composer = composer("limits.head_ms = 200").await;
    let mut client = composer.client().await;
    client.send("GET / HTTP/1.1\r\n").await;
    let mut drops = tokio::time::interval(Duration::from_millis(10));
    let started = Instant::now();
    let mut byte = [0];
    loop {
        tokio::select! {
            _ = drops.tick() => if client.stream.write_all(b"a: b\r\n").await.is_err() { break },
            read = client.stream.read(&mut byte) => { assert_eq!(read.unwrap_or(0), 0); break }
        }
        assert!(started.elapsed() < PATIENCE, "still open");
    }
    assert!(started.elapsed() >= Duration::from_millis(190));
}

#[tokio::test]
async fn a_second_head_has_its_own_limit() {
    let composer = composer("limits.head_ms = 100\nlimits.idle_ms = 60000").await;
    let mut client = composer.client().await;
    client.send(HELLO).await;
    assert_eq!(client.reply().await.body, "hello");
    client.send("GET /static").await;
    client.until_closed().await;
}

#[tokio::test]
async fn an_idle_connection_may_wait_longer_than_a_head_and_is_closed_at_last() {
    let composer = composer("limits.head_ms = 50\nlimits.idle_ms = 400").await;
    let mut client = composer.client().await;
    client.send(HELLO).await;
    client.reply().await;
    let started = Instant::now();
    assert_eq!(client.until_closed().await, "");
    assert!(
        started.elapsed() >= Duration::from_millis(390),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_head_too_long_is_refused() {
    let composer = composer("limits.head_bytes = 8192\nlimits.head_fields = 20").await;
    let long = "x".repeat(9_000);
    let reply = composer
        .exchange(&format!("GET / HTTP/1.1\r\nhost: a\r\nlong: {long}\r\n\r\n"))
        .await;
    assert_eq!(reply.status, 431);
    let many = "a: b\r\n".repeat(30);
    let reply = composer
        .exchange(&format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"))
        .await;
    assert_eq!(reply.status, 431);
}

#[tokio::test]
async fn over_the_cap_a_connection_is_closed_and_under_it_served_again() {
    let composer = composer("limits.connections = 2").await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut client = composer.client().await;
        client.send(HELLO).await;
        assert_eq!(client.reply().await.status, 200);
        kept.push(client);
    }
    let mut third = composer.client().await;
    assert_eq!(third.until_closed().await, "");
    kept.pop();
    let mut served = false;
    let started = Instant::now();
    while !served {
        assert!(started.elapsed() < PATIENCE, "no place became free");
        let mut client = composer.client().await;
        let sent = client.stream.write_all(HELLO.as_bytes()).await;
        served = sent.is_ok() && client.until_answered().await;
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_left() {
    let composer = composer("limits.write_stall_ms = 100").await;
    let big = vec![b'x'; 64 << 20];
    std::fs::write(composer.folder.path().join("static/big.bin"), big).unwrap();
    let mut client = composer.client().await;
    client.send("GET /static/big.bin HTTP/1.1\r\nhost: a\r\n\r\n").await;
    composer
        .until_metric("composer_connections_open{listener=\"public\"} 1")
        .await;
    composer
        .until_metric("composer_connections_open{listener=\"public\"} 0")
        .await;
    let mut sent = Vec::new();
    let _ = client.stream.read_to_end(&mut sent).await;
    assert!(sent.len() < 64 << 20);
}

impl Client {
    /// True for a reply, false for an end without one.
    async fn until_answered(&mut self) -> bool {
        let mut first = [0];
        matches!(self.stream.read(&mut first).await, Ok(1))
    }
}

#[tokio::test]
async fn one_request_too_many_is_told_so() {
    let composer = composer("limits.requests = 1").await;
    let mut first = composer.client().await;
    first
        .send("POST /_m/report HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{")
        .await;
    let started = Instant::now();
    let mut refused = composer.get("/static/hello.txt").await;
    while refused.status != 503 {
        assert!(started.elapsed() < PATIENCE, "never refused");
        refused = composer.get("/static/hello.txt").await;
    }
    assert!(refused.header("retry-after").is_some());
    first.send("}").await;
    assert_eq!(first.reply().await.status, 400);
    assert_eq!(composer.get("/static/hello.txt").await.status, 200);
}
