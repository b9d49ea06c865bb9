//! What browsers report.

use crate::site::Site;

async fn report(site: &Site, body: &str) -> u16 {
    let start = format!("POST /_m/report HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    site.ask(&start, body).await.status
}

#[tokio::test]
async fn reports_are_taken_and_everything_else_is_refused() {
    let site = Site::start().await;
    let known = r#"{"app":"shop","version":"1.0.0","fragment":"shop/price","phase":"hydrate","message":"x\ny"}"#;
    assert_eq!(report(&site, known).await, 204);
    assert_eq!(report(&site, &known.replace("shop", "evil")).await, 204);
    assert_eq!(report(&site, &known.replace("1.0.0", "9.9.9")).await, 204);
    assert_eq!(report(&site, "{}").await, 400);
    assert_eq!(report(&site, "\u{0}").await, 400);
    assert_eq!(report(&site, &known.replace("x\\ny", &"x".repeat(16 << 10))).await, 413);
}
