//! The shop's story, by links and forms alone.

use anyhow::{Result, ensure};
use tests::visit::Visit;

const CARDS: &str = "fragment-slot[data-fragment=\"explore/recommendations\"] .ex-card h3";

#[tokio::test]
async fn someone_orders_without_javascript() -> Result<()> {
    let visit = Visit::start_without_script().await?;
    let browser = &visit.browser;
    visit.open("/").await?;
    visit
        .follow(".ex-teaser a[href='/products/classics']", "/products/classics")
        .await?;
    visit
        .follow(".ex-card a[href^='/product/CL-01']", "/product/CL-01")
        .await?;
    let before = browser.texts(CARDS).await?;
    visit
        .follow(".de-choice[href$='sku=CL-01-RR']", "/product/CL-01?sku=CL-01-RR")
        .await?;
    let after = browser.texts(CARDS).await?;
    ensure!(
        !after.is_empty() && after != before,
        "recommended before and after another colour: {after:?}"
    );
    visit.follow(".ch-buy__button", "/checkout/cart").await?;
    browser.reads(".ch-line__name", "Old Barnaby · Rowan Red").await?;
    browser.reads(".ch-mini__count", "1").await?;
    browser.click(".ch-line__remove button").await?;
    browser.reads(".ch-cart", "There is nothing in it yet").await?;
    browser.gone(".ch-mini__count:not([hidden])").await?;
    visit.follow(".ch-empty a", "/products").await?;
    visit
        .follow(".ex-card a[href^='/product/CL-06']", "/product/CL-06")
        .await?;
    visit.follow(".ch-buy__button", "/checkout/cart").await?;
    visit.follow(".ch-sum a[href='/checkout']", "/checkout").await?;
    an_empty_form_comes_back_with_its_problems(&visit).await?;
    visit.sign().await?;
    browser.click(".ex-details summary").await?;
    browser.click(".ex-radio:has(input[value=store-haverkoog])").await?;
    browser.click(".ch-form__send").await?;
    browser.at_some("/checkout/thanks?order=").await?;
    browser.reads("h1", "Thank you, Ada").await?;
    browser.reads(".ch-receipt", "Haverkoog Dyke House").await?;
    browser.quiet().await
}

async fn an_empty_form_comes_back_with_its_problems(visit: &Visit) -> Result<()> {
    visit.browser.click(".ch-form__send").await?;
    visit
        .browser
        .reads(".ch-problems", "The order could not be placed")
        .await?;
    visit.browser.quiet().await
}
