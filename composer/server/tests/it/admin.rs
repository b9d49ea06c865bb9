//! Health and metrics.

use std::time::Instant;

use crate::support::{Composer, PATIENCE, composer};

impl Composer {
    pub(crate) async fn metrics(&self) -> String {
        let mut admin = self.admin().await;
        admin.send("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").await;
        admin.reply().await.body
    }

    /// Waits until the metrics hold `line`.
    pub(crate) async fn until_metric(&self, line: &str) {
        let started = Instant::now();
        loop {
            let metrics = self.metrics().await;
            if metrics.lines().any(|found| found == line) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "no `{line}` in:\n{metrics}");
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let composer = composer("").await;
    let mut admin = composer.admin().await;
    admin.send("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(admin.reply().await.body, "ok\n");
    composer.get("/static/hello.txt").await;
    let counted = "composer_requests_total{route=\"/static/{*path}\",status=\"200\"}";
    let started = Instant::now();
    while !composer.metrics().await.lines().any(|line| line.starts_with(counted)) {
        assert!(started.elapsed() < PATIENCE, "not counted");
    }
}
