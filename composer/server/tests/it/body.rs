//! Bodies of requests.

use crate::support::composer;

// `/_m/report` and the gateway read bodies; a static file doesn't, and is not asked by POST.
const POST: &str = "POST /_m/report HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_refused_unread() {
    let composer = composer("limits.body_bytes = 1000").await;
    let reply = composer.exchange(&format!("{POST}content-length: 1001\r\n\r\n")).await;
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
}

#[tokio::test]
async fn a_body_that_turns_out_too_long_is_refused() {
    let composer = composer("limits.body_bytes = 1000").await;
    let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
    let reply = composer
        .exchange(&format!("{POST}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}"))
        .await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let composer = composer("limits.body_stall_ms = 100").await;
    let mut client = composer.client().await;
    client.send(&format!("{POST}content-length: 100\r\n\r\n{{")).await;
    let reply = client.reply().await;
    assert_eq!(reply.status, 408);
    client.until_closed().await;
}
