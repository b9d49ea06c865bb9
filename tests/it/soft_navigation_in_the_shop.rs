//! The shop feels like one application: what all pages share stays, whichever team's page comes.

use anyhow::{Result, ensure};
use tests::visit::Visit;

const HEADER: &str = "document.querySelector('fragment-slot[data-fragment=\"explore/header\"]')";
const SHELL: &str = "!!document.getElementById('marquetry-announcer')";

async fn start() -> Result<Visit> {
    let visit = Visit::start().await?;
    visit.open("/").await?;
    visit.browser.holds("the shell has started", SHELL).await?;
    visit.mark().await?;
    Ok(visit)
}

/// Follows a link to another page of the shop: same document, same header, new heading, everything awake.
async fn follow(visit: &Visit, css: &str, path: &str, heading: &str) -> Result<()> {
    visit.browser.click(css).await?;
    visit.browser.at(path).await?;
    visit.browser.reads("h1", heading).await?;
    visit.awake().await?;
    ensure!(visit.is_marked().await?, "{path} was loaded anew");
    visit
        .browser
        .holds("the header is the same", &format!("{HEADER}.mine === 7"))
        .await
}

#[tokio::test]
async fn the_header_stays_from_team_to_team() -> Result<()> {
    let visit = start().await?;
    let browser = &visit.browser;
    browser.ask::<u8>(&format!("{HEADER}.mine = 7")).await?;
    follow(
        &visit,
        ".ex-teaser a[href='/products/classics']",
        "/products/classics",
        "Classics",
    )
    .await?;
    browser.reads(".ex-nav [aria-current]", "Tractors").await?;
    follow(
        &visit,
        ".ex-card a[href^='/product/CL-01']",
        "/product/CL-01",
        "Old Barnaby",
    )
    .await?;
    ensure!(
        browser.count(".ex-nav [aria-current]").await? == 0,
        "a product is of no section"
    );
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-mini__count", "1").await?;
    follow(&visit, ".ch-mini", "/checkout/cart", "Your cart").await?;
    browser.reads(".ch-line__name", "Old Barnaby").await?;
    follow(&visit, ".ex-nav a[href='/stores']", "/stores", "stores").await?;
    browser.reads(".ex-nav [aria-current]", "Stores").await?;
    browser.reads(".ch-mini__count", "1").await?;
    browser.back().await?;
    browser.reads(".ch-line__name", "Old Barnaby").await?;
    visit.awake().await?;
    browser.click(".ch-line__remove button").await?;
    browser.reads(".ch-cart", "There is nothing in it yet").await?;
    ensure!(visit.is_marked().await?, "a page was loaded anew");
    browser.quiet().await
}
