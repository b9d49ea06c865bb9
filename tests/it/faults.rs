//! An app that dies or stops takes only its own slots, and is back at once.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tests::{
    html::Page,
    shop::{LANDMARKS, Shop},
    wait::until,
};

/// What two busy cores may add to a deadline.
const MARGIN: Duration = Duration::from_millis(300);
/// What a page without its slowest app may take.
const QUICK: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_killed_bff_takes_only_its_slots_and_is_back_at_once() -> Result<()> {
    let mut shop = Shop::start().await?;
    let others = shop.others("checkout");
    for path in ["/", "/products/classics", "/product/CL-01"] {
        ensure!(fallbacks(&shop, path).await?.is_empty(), "{path} is fresh at first");
    }
    shop.bff("checkout")?.process.kill().await?;
    for path in ["/", "/products/classics"] {
        ensure!(
            fallbacks(&shop, path).await? == ["checkout/mini-cart"],
            "{path} loses the mini cart only"
        );
    }
    let lost = fallbacks(&shop, "/product/CL-01").await?;
    ensure!(
        lost == ["checkout/mini-cart", "checkout/add-to-cart"],
        "the product page loses {lost:?}"
    );
    let cart = shop.get("/checkout/cart").send().await?;
    ensure!(
        cart.status.is_server_error() && cart.text().contains(cart.header("x-request-id")),
        "{}",
        cart.text()
    );

    shop.bff("checkout")?.restart().await?;
    let back = async || Ok(fallbacks(&shop, "/product/CL-01").await?.is_empty().then_some(()));
    until(Duration::from_secs(2), "checkout is back on the product page", back).await?;
    ensure!(
        shop.get("/checkout/cart").send().await?.status == 200,
        "the cart is back"
    );
    ensure!(shop.others("checkout") == others, "no other process was started anew");
    Ok(())
}

#[tokio::test]
async fn a_stopped_bff_costs_its_deadline_and_no_more() -> Result<()> {
    let mut shop = Shop::start().await?;
    shop.bff("checkout")?.process.signal("STOP").await?;
    for (path, deadline) in [("/", 500), ("/product/CL-01?sku=CL-01-MG", 1_000)] {
        let started = Instant::now();
        let reply = shop.get(path).send().await?;
        let took = started.elapsed();
        let page = Page::parse(&reply.text());
        page.whole(&LANDMARKS)?;
        ensure!(
            page.slot("checkout/mini-cart")?.state() == "fallback",
            "the mini cart is not there"
        );
        ensure!(took < Duration::from_millis(deadline) + MARGIN, "{path} took {took:?}");
    }
    shop.bff("checkout")?.process.signal("CONT").await?;
    let back = async || Ok(fallbacks(&shop, "/").await?.is_empty().then_some(()));
    until(Duration::from_secs(2), "checkout is back", back).await
}

/// The fragments of a page of the shop that show their fallbacks; the page itself is whole and quick.
async fn fallbacks(shop: &Shop, path: &str) -> Result<Vec<String>> {
    let reply = shop.get(path).send().await?;
    ensure!(reply.status == 200 && reply.complete, "{path}: {}", reply.status);
    ensure!(reply.took < QUICK, "{path} took {:?}", reply.took);
    let page = Page::parse(&reply.text());
    page.whole(&LANDMARKS)?;
    let slots = page.slots()?;
    // A slot for an app that nobody has published, as decide's for reviews, names no fragment: there is nothing to lose.
    let lost = slots
        .iter()
        .filter(|slot| slot.state() == "fallback" && !slot.fragment().is_empty());
    for slot in lost.clone() {
        ensure!(
            !slot.text().is_empty(),
            "{path}: the fallback of {} is empty",
            slot.fragment()
        );
    }
    Ok(lost.map(|slot| slot.fragment().to_owned()).collect())
}

#[tokio::test]
async fn a_cart_outlives_the_process_that_took_it() -> Result<()> {
    let mut shop = Shop::start().await?;
    let cookie = shop.cart_with("CL-01-MG").await?;
    shop.bff("checkout")?.process.kill().await?;
    shop.bff("checkout")?.restart().await?;
    let reply = shop.get("/checkout/cart").header("cookie", &cookie).send().await?;
    let text = Page::parse(&reply.text()).text("main")?;
    ensure!(text.contains("Old Barnaby · Moss Green"), "the cart holds: {text}");
    Ok(())
}
