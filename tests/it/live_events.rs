//! What happens elsewhere shows on open pages: sales of other visitors, the cart of another tab, a release.

use anyhow::{Context, Result, ensure};
use tests::{
    browser::Browser,
    client,
    composer::Config,
    environment,
    registry::Platform,
    shop::Shop,
    stamped::{Stamped, packed_with},
    visit::Visit,
    wait::{PATIENCE, until},
};

/// There are two of it.
const SKU: &str = "CL-02-IN";
const PRODUCT: &str = "/product/CL-02?sku=CL-02-IN";
const LISTENS: &str = "!!document.querySelector('script[data-prefix]') && window.heard !== undefined";
/// Notes the events about stock, in their order.
const NOTE: &str = "window.heard = []; \
    addEventListener('DOMContentLoaded', () => document.addEventListener('checkout:stock-changed', \
    ({ detail }) => heard.push(detail.sku + detail.stock)));";

pub(crate) async fn tabs_that_listen(shop: &Shop, count: usize) -> Result<()> {
    let wanted = format!("composer_event_tabs {count}");
    let what = format!("{count} streams are open");
    until(PATIENCE, &what, async || {
        let metrics = client::get(shop.composer.admin(), "/metrics").send().await?;
        Ok(metrics.text().contains(&wanted).then_some(()))
    })
    .await
}

/// Sells one of two to somebody else; the open page shows it.
async fn sees_a_sale(visit: &Visit) -> Result<()> {
    visit.browser.reads(".ch-stock", "Only 2 left").await?;
    tabs_that_listen(&visit.shop, 1).await?;
    visit.mark().await?;
    visit.shop.buy(SKU).await?;
    visit.browser.reads(".ch-stock", "Only one left").await
}

#[tokio::test]
async fn a_sale_shows_on_the_product_page_that_is_open() -> Result<()> {
    let mut visit = Visit::start().await?;
    visit.browser.before_pages(NOTE).await?;
    visit.open(PRODUCT).await?;
    visit.browser.holds("the page is there", LISTENS).await?;
    sees_a_sale(&visit).await?;

    // The composer goes, something is sold meanwhile, another composer comes.
    visit.shop.composer.process.kill().await?;
    let checkout = visit.shop.bff("checkout")?.address()?;
    sell(checkout, "CL-06-RR").await?;
    sell(checkout, SKU).await?;
    visit.shop.composer_again().await?;
    visit.browser.reads(".ch-stock", "None left").await?;
    visit.browser.reads(".ch-buy__button", "Sold out").await?;
    let disabled = visit
        .browser
        .ask::<bool>("document.querySelector('.ch-buy__button').disabled");
    ensure!(disabled.await?, "what is sold out can be bought");

    // So does the BFF.
    visit.shop.bff("checkout")?.process.kill().await?;
    visit.shop.bff("checkout")?.restart().await?;
    visit.shop.buy("CL-06-RR").await?;
    visit
        .browser
        .holds(
            "each event came, once and in its order",
            "heard.join() === 'CL-02-IN1,CL-06-RR13,CL-02-IN0,CL-06-RR12'",
        )
        .await
        .context("of all that was sold")?;
    ensure!(visit.is_marked().await?, "the page was loaded anew");
    Ok(())
}

#[tokio::test]
async fn a_page_whose_past_nobody_knows_asks_how_things_are() -> Result<()> {
    let mut visit = Visit::start().await?;
    visit.open(PRODUCT).await?;
    sees_a_sale(&visit).await?;
    // Both go, and the BFF's log of events with it: what comes back has two of it again, and no event says so.
    visit.shop.composer.process.kill().await?;
    visit.shop.bff("checkout")?.process.kill().await?;
    visit.shop.bff("checkout")?.restart_afresh().await?;
    visit.shop.composer_again().await?;
    visit.browser.reads(".ch-stock", "Only 2 left").await?;
    ensure!(visit.is_marked().await?, "the page was loaded anew");
    Ok(())
}

/// Buys one of `sku` at the BFF itself.
async fn sell(checkout: std::net::SocketAddr, sku: &str) -> Result<()> {
    let post = |path: &str| client::call(http::Method::POST, checkout, path);
    let kind = "application/x-www-form-urlencoded";
    let added = post("/cart/add").body(kind, format!("sku={sku}")).send().await?;
    let cookie = added
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let form = "first_name=Ida&last_name=Weaver&email=ida%40example.org&pickup=store-bramstow";
    let ordered = post("/order").header("cookie", &cookie).body(kind, form).send().await?;
    ensure!(ordered.header("location").contains("thanks"), "{:?}", ordered.headers);
    Ok(())
}

#[tokio::test]
async fn tabs_share_their_cart_and_one_stream() -> Result<()> {
    in_two_tabs("", 1).await
}

#[tokio::test]
async fn without_shared_workers_one_tab_listens_for_all() -> Result<()> {
    in_two_tabs("delete window.SharedWorker;", 1).await
}

#[tokio::test]
async fn without_locks_each_tab_listens_for_itself() -> Result<()> {
    let without = "delete window.SharedWorker; Object.defineProperty(navigator, 'locks', { value: undefined });";
    in_two_tabs(without, 2).await
}

async fn in_two_tabs(before: &str, streams: usize) -> Result<()> {
    let visit = Visit::start().await?;
    let browser = &visit.browser;
    browser.before_pages(before).await?;
    visit.open("/product/CL-06?sku=CL-06-RR").await?;
    tabs_that_listen(&visit.shop, 1).await?;
    let first = browser.tab().await?;
    let second = browser.new_tab().await?;
    browser.before_pages(before).await?;
    visit.open(PRODUCT).await?;
    tabs_that_listen(&visit.shop, streams).await?;

    browser.look_at(&first).await?;
    let count = "window.told = 0; document.addEventListener('checkout:cart-changed', () => window.told++)";
    browser.ask::<Option<u8>>(&format!("(() => {{ {count} }})()")).await?;
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-mini__count", "1").await?;
    browser.look_at(&second).await?;
    browser.reads(".ch-mini__count", "1").await?;
    visit.shop.buy(SKU).await?;
    browser.reads(".ch-stock", "Only one left").await?;
    browser.click(".ch-buy__button").await?;
    browser.reads(".ch-mini__count", "2").await?;
    browser.look_at(&first).await?;
    browser.reads(".ch-mini__count", "2").await?;
    ensure!(
        browser.ask::<u8>("window.told").await? == 2,
        "its own event came back to the tab"
    );

    // The tab that has listened for both goes.
    browser.close_tab(&second).await?;
    tabs_that_listen(&visit.shop, 1).await?;
    let hear = "document.addEventListener('checkout:stock-changed', ({ detail }) => (window.sold = detail.sku))";
    browser.ask::<Option<u8>>(hear).await?;
    visit.shop.buy("CL-06-RR").await?;
    browser
        .holds("the other tab goes on to hear", "window.sold === 'CL-06-RR'")
        .await?;
    browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_told_to_tabs_that_were_made_of_another() -> Result<()> {
    let shell = environment::dist()?.join("shell");
    let config = Config::default()
        .line("log = \"warn\"")
        .line(&format!("shell_dir = {shell:?}"));
    let platform = Platform::with(config).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let folder = tempfile::tempdir()?;
    let mut running = Vec::new();
    for version in ["shop@1.0.0", "shop@2.0.0"] {
        let out = folder.path().join(version);
        packed_with(version, "/", &[], &[], &out).await?;
        admin.publish(version, &out).await?;
        let bff = Stamped::start(version, &[]).await?;
        let announced = admin.announce(version, bff.origin()).await?;
        running.push((bff, announced));
    }
    admin.release(&["shop@1.0.0"]).await?;
    let tab = Browser::start().await?;
    let note = "window.told = []; document.addEventListener('marquetry:released', ({ detail }) => told.push(detail));";
    tab.before_pages(note).await?;
    tab.go(&platform.composer.url("/")).await?;
    tab.reads("body", "[shop@1.0.0]").await?;
    until(PATIENCE, "the tab listens", async || {
        let metrics = client::get(platform.composer.admin(), "/metrics").send().await?;
        Ok(metrics.text().contains("composer_event_tabs 1").then_some(()))
    })
    .await?;
    ensure!(tab.ask::<usize>("told.length").await? == 0, "it is what is live");
    admin.release(&["shop@2.0.0"]).await?;
    tab.holds(
        "the release is told",
        "told.length === 1 && told[0].apps.length === 1 && told[0].apps[0].app === 'shop' && told[0].apps[0].version === '2.0.0' && told[0].release > 0",
    )
    .await
}
