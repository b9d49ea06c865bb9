//! Pages come whole from the server, and each fragment wakes in the browser.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use tests::{
    html::Page,
    shop::{LANDMARKS, Shop},
    visit::{PLAIN, Visit},
};

const UNWOKEN: &str = "[...document.querySelectorAll('fragment-slot[data-fragment]')]\
    .filter(slot => slot.dataset.failed !== undefined || slot.dataset.state !== 'fresh'\
        || slot.dataset.hydrate !== 'none' && slot.dataset.live === undefined)\
    .map(slot => slot.outerHTML.slice(0, 300))";

/// Shows and touches each slot, as a visitor would who looks at everything.
const TOUCH: &str = "[...document.querySelectorAll('fragment-slot')].map(slot => {\
    (slot.firstElementChild ?? slot).scrollIntoView();\
    slot.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));\
    return 0 }).length";

#[tokio::test]
async fn every_fragment_of_every_page_wakes_without_an_error() -> Result<()> {
    every_page_wakes(&Visit::start().await?).await
}

#[tokio::test]
async fn every_fragment_that_comes_late_wakes_without_an_error() -> Result<()> {
    every_page_wakes(&Visit::start_under("[pages]\npatience_ms = 0").await?).await
}

async fn every_page_wakes(visit: &Visit) -> Result<()> {
    visit
        .every_page(async |name| {
            let browser = &visit.browser;
            browser.ask::<usize>(TOUCH).await?;
            let waking = async || Ok(browser.ask::<Vec<String>>(UNWOKEN).await?.is_empty().then_some(()));
            if let Err(error) = browser.wait(&format!("all of {name} is awake"), waking).await {
                let slots: Vec<String> = browser.ask(UNWOKEN).await?;
                return Err(error.context(format!("on {name} these slots did not wake: {slots:#?}")));
            }
            let mut told = browser.console().await?;
            told.retain(|entry| !is_expected(name, &entry.message));
            ensure!(told.is_empty(), "the console of {name} says {told:#?}");
            Ok(())
        })
        .await
}

/// Chromium notes it in its console when an address is answered with an error, even where that is what the page is for.
fn is_expected(page: &str, message: &str) -> bool {
    let status = match page {
        "product-unknown" | "thanks-unknown" | "nowhere" => "status of 404",
        "checkout-problems" => "status of 422",
        _ => return false,
    };
    message.contains(status)
}

#[tokio::test]
async fn the_modules_of_three_teams_live_side_by_side() -> Result<()> {
    let visit = Visit::start().await?;
    visit.open("/product/AU-02").await?;
    let live = "[...document.querySelectorAll('fragment-slot[data-live]')].map(slot => slot.dataset.app)";
    let apps: BTreeSet<String> = visit.browser.ask(live).await?;
    ensure!(
        apps.iter().map(String::as_str).eq(["checkout", "decide", "explore"]),
        "live are {apps:?}"
    );
    let modules =
        "[...new Set([...document.querySelectorAll('fragment-slot[data-live]')].map(s => s.dataset.module))].length";
    ensure!(visit.browser.ask::<usize>(modules).await? == 3, "not three modules");
    visit.browser.quiet().await
}

#[tokio::test]
async fn the_source_of_every_page_carries_every_slot() -> Result<()> {
    let shop = Shop::start().await?;
    let cookie = shop.cart_with("CL-01-MG").await?;
    let filled = [("cart", "/checkout/cart"), ("checkout", "/checkout")].map(|page| (page, cookie.as_str()));
    for ((name, path), cookie) in PLAIN.map(|page| (page, "")).into_iter().chain(filled) {
        let reply = shop.get(path).header("cookie", cookie).send().await?;
        ensure!(
            reply.complete && (reply.status.is_success() || reply.status == 404),
            "{name}: {}",
            reply.status
        );
        carries_every_slot(name, &reply.text())?;
    }
    Ok(())
}

fn carries_every_slot(name: &str, source: &str) -> Result<()> {
    let page = Page::parse(source);
    page.whole(&LANDMARKS)?;
    page.spotless()?;
    ensure!(page.all("h1")?.len() == 1, "{name} has not one h1");
    for slot in page.slots()? {
        let fragment = slot.fragment();
        if fragment.is_empty() {
            // A place for an app that nobody has published.
            continue;
        }
        ensure!(slot.state() == "fresh", "{name}: {fragment} is `{}`", slot.state());
        ensure!(slot.has_root_and_props(), "{name}: {fragment} holds {}", slot.html());
        let may_be_empty = fragment == "explore/recommendations" && name == "cart-empty";
        ensure!(may_be_empty || !slot.text().is_empty(), "{name}: {fragment} is empty");
    }
    Ok(())
}
