//! A fragment of the kit whose slot asks for something else lives on with other props.

use anyhow::{Result, ensure};
use tests::visit::Visit;

use crate::live_events::tabs_that_listen;

/// There are two of it.
const SKU: &str = "CL-02-IN";
const OTHER: &str = ".de-choice:not([href$='sku=CL-02-IN'])";
const OWN_BUTTON: &str = ".ch-buy input[value='CL-02-IN'] + button";
const SAME: &str = "(({ dataset, marquetry }) => button.isConnected && 'live' in dataset && marquetry.phase === 'live' \
                    && marquetry.times.update >= 0)(document.querySelector(\"[data-fragment='checkout/add-to-cart']\"))";
/// Of which variant the props script is.
const PROPS: &str = "/CL-02-\\w+/.exec(document.querySelector(\"[data-fragment='checkout/add-to-cart'] > \
                     script[data-props]\").textContent)[0]";

/// The product page, all awake; `button` is the one that buys.
async fn at_the_product() -> Result<Visit> {
    let visit = Visit::start().await?;
    visit.open("/product/CL-02?sku=CL-02-IN").await?;
    for fragment in ["checkout/add-to-cart", "decide/product"] {
        let awake = format!("[data-fragment='{fragment}'][data-live]");
        visit.browser.element(&awake).await?;
    }
    visit.browser.element(OWN_BUTTON).await?;
    visit
        .browser
        .ask::<bool>("!!(window.button = document.querySelector('.ch-buy__button'))")
        .await?;
    Ok(visit)
}

#[tokio::test]
async fn another_variant_comes_to_the_fragment_that_is_there() -> Result<()> {
    let visit = at_the_product().await?;
    let browser = &visit.browser;
    browser.click(OTHER).await?;
    browser.gone(OWN_BUTTON).await?;
    browser.holds("the button is the same one", SAME).await?;
    let other: String = browser.ask(PROPS).await?;
    browser
        .element(&format!(".ch-buy input[value='{other}'] + button"))
        .await?;
    ensure!(other != SKU, "its props are the old ones");

    // Back to the first, of which it goes on to hear.
    browser.back().await?;
    browser.element(OWN_BUTTON).await?;
    browser.reads(".ch-stock", "Only 2 left").await?;
    tabs_that_listen(&visit.shop, 1).await?;
    visit.shop.buy(SKU).await?;
    browser.reads(".ch-stock", "Only one left").await?;
    browser.holds("the button is the same one", SAME).await?;
    browser.quiet().await
}

#[tokio::test]
async fn what_was_said_of_one_variant_is_not_said_of_another() -> Result<()> {
    let visit = at_the_product().await?;
    let browser = &visit.browser;
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-buy__status", "It is in your cart").await?;
    browser.click(OTHER).await?;
    browser.gone(OWN_BUTTON).await?;
    browser
        .holds(
            "nothing is said of this one yet",
            "document.querySelector('.ch-buy__status').textContent === ''",
        )
        .await?;
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-buy__status", "Go to the cart (2)").await?;
    browser.reads(".ch-mini__count", "2").await?;
    browser.holds("the button is the same one", SAME).await?;
    browser.quiet().await
}
