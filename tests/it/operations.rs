//! What those who run it see: health, numbers, a stop that finishes what it began, reports of browsers.

use std::time::Duration;

use anyhow::{Result, ensure};
use http::Method;
use tests::{
    bff,
    client::{call, get},
    html::Page,
    shop::Shop,
    site::{self, Site},
    wait::PATIENCE,
};

#[tokio::test]
async fn health_and_numbers_are_on_a_listener_of_their_own() -> Result<()> {
    let site = Site::start().await?;
    ensure!(site.composer.get("/").send().await?.status == 200, "the page works");
    for path in ["/healthz", "/readyz"] {
        ensure!(get(site.composer.admin(), path).send().await?.status == 200, "{path}");
    }
    let numbers = get(site.composer.admin(), "/metrics").send().await?;
    ensure!(
        numbers.status == 200 && numbers.text().contains("\ncomposer_"),
        "{}",
        numbers.text()
    );
    for path in ["/healthz", "/readyz", "/metrics"] {
        ensure!(site.composer.get(path).send().await?.status == 404, "{path} is public");
    }
    Ok(())
}

#[tokio::test]
async fn a_stop_finishes_the_pages_under_way() -> Result<()> {
    let mut site = Site::start().await?;
    site.bff.on(
        "/fragments/part",
        bff::late(Duration::from_millis(400), "<i id=\"part\">the part</i>"),
    );
    let mut arriving = site.composer.get("/").open().await?;
    arriving.until("before the slot").await?;
    site.composer.process.signal("TERM").await?;
    let reply = arriving.all().await?;
    ensure!(reply.complete, "the page under way was cut");
    let page = Page::parse(&reply.text());
    page.whole(&site::LANDMARKS)?;
    ensure!(page.text("#part")? == "the part", "its late part came");
    let status = site.composer.process.ended(PATIENCE).await?;
    ensure!(status.success(), "it ended with {status}");
    ensure!(site.composer.get("/").send().await.is_err(), "it still answers");
    Ok(())
}

#[tokio::test]
async fn a_report_is_taken_when_it_is_one() -> Result<()> {
    let shop = Shop::start().await?;
    let report = |body: String| {
        call(Method::POST, shop.composer.address(), "/_m/report")
            .header("sec-fetch-site", "same-origin")
            .body("application/json", body)
            .send()
    };
    let good =
        r#"{"app":"checkout","version":"1.0.0","fragment":"checkout/mini-cart","phase":"hydrate","message":"oh\nno"}"#;
    ensure!(report(good.into()).await?.status.is_success(), "a good report");
    for bad in [
        "",
        "{",
        "[]",
        "{\"app\":1}",
        &good.replace("hydrate", "explode"),
        &good.replace("oh", &"o".repeat(1 << 20)),
    ] {
        let status = report(bad.into()).await?.status;
        ensure!(
            status.is_client_error(),
            "{status} for {:?}",
            bad.chars().take(80).collect::<String>()
        );
    }
    Ok(())
}
