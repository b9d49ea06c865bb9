//! A version that mostly fails is left alone for moments, says so, and is back soon after it works again.

use std::time::Duration;

use anyhow::{Result, ensure};
use tests::{bff, client::get, html::Page, site::Site, wait::until};

const PART: &str = "/_m/fragment/app/part";

async fn numbers(site: &Site) -> Result<String> {
    Ok(get(site.composer.admin(), "/metrics").send().await?.text())
}

#[tokio::test]
async fn a_version_that_mostly_fails_is_left_alone_and_is_back_soon() -> Result<()> {
    let site = Site::start().await?;
    for path in ["/", PART] {
        ensure!(site.composer.get(path).send().await?.status == 200, "{path} works");
    }
    let state = "composer_fetch_breaker_state{app=\"app\",version=\"1.0.0\"}";
    ensure!(numbers(&site).await?.contains(&format!("\n{state} 0\n")), "it is well");

    site.bff.on("/fragments/part", bff::reply("500 Ill", "", ""));
    let asked = site.bff.heads().len();
    let mut quick = vec![];
    for _ in 0..100 {
        let reply = site.composer.get(PART).send().await?;
        match reply.status.as_u16() {
            502 => {}
            503 => quick.push(reply.took),
            other => anyhow::bail!("{other}"),
        }
    }
    let attempts = site.bff.heads().len() - asked;
    ensure!(attempts <= 40, "a failing BFF was asked {attempts} times for 100");
    quick.sort_unstable();
    let median = quick.get(quick.len() / 2).copied().unwrap_or(Duration::MAX);
    ensure!(median < Duration::from_millis(20), "a refusal takes {median:?}");
    let told = numbers(&site).await?;
    ensure!(
        told.contains(&format!("\n{state} 1\n")) || told.contains(&format!("\n{state} 2\n")),
        "{told}"
    );
    ensure!(told.contains("outcome=\"breaker\""), "{told}");
    ensure!(
        told.contains("composer_fetch_breaker_opened_total{app=\"app\"}"),
        "{told}"
    );

    site.bff.on("/fragments/part", bff::html("<i id=\"part\">the part</i>"));
    until(Duration::from_secs(2), "it is back", async || {
        let page = Page::parse(&site.composer.get("/").send().await?.text());
        let is_fresh = page.slot("app/part").is_ok_and(|slot| slot.state() == "fresh");
        Ok(is_fresh.then_some(()))
    })
    .await?;
    ensure!(
        numbers(&site).await?.contains(&format!("\n{state} 0\n")),
        "it is well again"
    );
    Ok(())
}
