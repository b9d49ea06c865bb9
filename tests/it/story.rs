//! The shop's story, in a browser as people have it.

use anyhow::{Result, ensure};
use tests::visit::Visit;

const CARDS: &str = "fragment-slot[data-fragment=\"explore/recommendations\"] .ex-card h3";

#[tokio::test]
async fn someone_chooses_a_colour_and_orders() -> Result<()> {
    order(&Visit::start().await?).await
}

#[tokio::test]
async fn someone_orders_with_a_slow_processor_and_a_slow_network() -> Result<()> {
    let visit = Visit::start().await?;
    visit.browser.slow_processor(4).await?;
    visit.browser.slow_network().await?;
    order(&visit).await
}

async fn order(visit: &Visit) -> Result<()> {
    visit.open("/").await?;
    visit
        .follow(".ex-teaser a[href='/products/classics']", "/products/classics")
        .await?;
    visit
        .follow(".ex-card a[href^='/product/CL-01']", "/product/CL-01")
        .await?;
    another_colour_changes_the_page_in_place(visit).await?;
    adding_changes_the_header_in_place(visit).await?;
    visit.follow(".ch-mini", "/checkout/cart").await?;
    removing_empties_the_cart_in_place(visit).await?;
    visit.follow(".ch-empty a", "/products").await?;
    visit
        .follow(".ex-card a[href^='/product/CL-06']", "/product/CL-06")
        .await?;
    adding_changes_the_header_in_place(visit).await?;
    visit.follow(".ch-buy__added a", "/checkout/cart").await?;
    visit.follow(".ch-sum a[href='/checkout']", "/checkout").await?;
    a_store_and_a_name_make_an_order(visit).await
}

async fn another_colour_changes_the_page_in_place(visit: &Visit) -> Result<()> {
    let browser = &visit.browser;
    visit.mark().await?;
    let before = browser.texts(CARDS).await?;
    ensure!(!before.is_empty(), "the product page recommends nothing");
    browser.click(".de-choice[href$='sku=CL-01-RR']").await?;
    browser.at("/product/CL-01?sku=CL-01-RR").await?;
    browser.reads(".de-choice[aria-current]", "Rowan Red").await?;
    let change = async || Ok((browser.texts(CARDS).await? != before).then_some(()));
    browser.wait("other recommendations", change).await?;
    browser.element(".ch-buy input[value=CL-01-RR] + button").await?;
    browser.back().await?;
    browser.reads(".de-choice[aria-current]", "Moss Green").await?;
    browser.click(".de-choice[href$='sku=CL-01-RR']").await?;
    browser.element(".ch-buy input[value=CL-01-RR] + button").await?;
    ensure!(visit.is_marked().await?, "the page was loaded anew");
    browser.quiet().await
}

async fn adding_changes_the_header_in_place(visit: &Visit) -> Result<()> {
    let browser = &visit.browser;
    visit.awake().await?;
    visit.mark().await?;
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-mini__count", "1").await?;
    browser.reads(".ch-buy__status", "It is in your cart").await?;
    ensure!(visit.is_marked().await?, "the page was loaded anew");
    browser.quiet().await
}

async fn removing_empties_the_cart_in_place(visit: &Visit) -> Result<()> {
    let browser = &visit.browser;
    browser.reads(".ch-line__name", "Old Barnaby · Rowan Red").await?;
    browser.reads(".ch-sum__total", "€18,900").await?;
    visit.mark().await?;
    browser.click(".ch-line__remove button").await?;
    browser.reads(".ch-cart", "There is nothing in it yet").await?;
    browser.gone(".ch-mini__count:not([hidden])").await?;
    ensure!(visit.is_marked().await?, "the page was loaded anew");
    browser.quiet().await
}

async fn a_store_and_a_name_make_an_order(visit: &Visit) -> Result<()> {
    let browser = &visit.browser;
    visit.mark().await?;
    browser.click(".ch-form__send").await?;
    browser.reads(".ch-problems", "The order could not be placed").await?;
    ensure!(visit.is_marked().await?, "the form was sent as it stands");
    // The BFF refuses an empty form with 422, and Chromium notes that in its console.
    browser.console().await?;
    visit.sign().await?;
    visit.pick_store().await?;
    browser.reads(".ex-picked", "Ellerbrook Granary").await?;
    browser.click(".ch-form__send").await?;
    browser.at_some("/checkout/thanks?order=").await?;
    visit.awake().await?;
    browser.reads("h1", "Thank you, Ada").await?;
    browser.reads(".ch-receipt", "Ellerbrook Granary").await?;
    browser.gone(".ch-mini__count:not([hidden])").await?;
    browser.quiet().await
}

#[tokio::test]
async fn someone_sees_which_team_made_what() -> Result<()> {
    let visit = Visit::start().await?;
    let browser = &visit.browser;
    visit.open("/product/AU-02").await?;
    let outlined = "[...document.querySelectorAll('[data-boundary]')]\
        .filter(part => getComputedStyle(part).outlineStyle !== 'none').length";
    ensure!(
        browser.ask::<usize>(outlined).await? == 0,
        "boundaries show before anyone asks"
    );
    browser.click("#show-boundaries").await?;
    let parts = browser.count("[data-boundary]").await?;
    ensure!(
        parts >= 6 && browser.ask::<usize>(outlined).await? == parts,
        "of {parts} parts not all have an outline"
    );
    browser.keep("boundaries").await?;
    visit.follow(".ex-nav a[href='/stores']", "/stores").await?;
    browser
        .holds(
            "the next page remembers",
            "document.getElementById('show-boundaries').checked",
        )
        .await?;
    browser.quiet().await
}
