//! What breaks in the browser breaks alone, keeps its server-rendered content, and is reported.

mod apps;
mod kinds;
mod lives;

use anyhow::{Result, ensure};
use tests::{
    bff,
    browser::Browser,
    client::get,
    composer::Config,
    environment,
    site::{self, Site},
    visit::Visit,
    wait::{PATIENCE, until},
};

/// A module without WASM or a framework: fragments may be made of anything.
const MODULE: &str = "
export function hydrate(slot, { fragment, base }) {
  if (fragment === 'part') throw new Error('cannot wake');
  const root = slot.querySelector(':scope > [data-root]');
  root.append(` is awake at ${base}`);
  setTimeout(() => { throw new Error('broke later'); });
  return { root };
}
export const mount = hydrate;
export function unmount({ root }) { root.replaceChildren(); }
";

const GOOD: &str = r#"
[[fragments]]
name = "good"
hydrate = "load"

[assets]
dir = "assets"
module = "app.js"
"#;

async fn start() -> Result<Site> {
    let manifest = site::MANIFEST
        .replace("includes = [\"app/part\"]", "includes = [\"app/part\", \"app/good\"]")
        .replace("role = \"optional\"", "role = \"optional\"\nhydrate = \"load\"");
    let shell = environment::dist()?.join("shell");
    let config = Config::default()
        .line(&format!("shell_dir = {shell:?}"))
        .line("log = \"error\"");
    let site = Site::with_assets(&(manifest + GOOD), config, &[("app.js", MODULE)]).await?;
    let slots =
        "<h1>Page</h1><fragment-slot src=\"app/part\"></fragment-slot><fragment-slot src=\"app/good\"></fragment-slot>";
    site.bff.on("/fragments/page", bff::html(slots));
    for name in ["part", "good"] {
        site.bff.on(
            &format!("/fragments/{name}"),
            bff::html(&format!("<div data-root>{name}</div>")),
        );
    }
    Ok(site)
}

#[tokio::test]
async fn a_fragment_that_breaks_in_the_browser_breaks_alone_and_is_reported() -> Result<()> {
    let site = start().await?;
    let browser = Browser::start().await?;
    browser.go(&site.composer.url("/")).await?;
    browser
        .reads(
            "[data-fragment='app/good'][data-live]",
            "good is awake at /_m/app/app@1.0.0",
        )
        .await?;
    browser.reads("[data-fragment='app/part'][data-failed]", "part").await?;
    for phase in ["hydrate", "run"] {
        let wanted = format!("composer_browser_reports_total{{app=\"app\",phase=\"{phase}\"}} 1");
        let counted = async || {
            let numbers = get(site.composer.admin(), "/metrics").send().await?.text();
            Ok(numbers.contains(&wanted).then_some(()))
        };
        until(PATIENCE, &wanted, counted).await?;
    }
    let told = browser.console().await?;
    ensure!(
        told.iter()
            .any(|entry| entry.message.contains("app/part (app@1.0.0) failed to hydrate")),
        "{told:?}"
    );
    Ok(())
}

/// Puts something else in the place of what the fragment's view is to find when it wakes, which Leptos takes for a bug of its own.
const ROB: &str = "new MutationObserver((_, self) => {
  const card = document.querySelector('[data-fragment=\"checkout/add-to-cart\"] > [data-root] > *');
  if (!card?.closest('fragment-slot').querySelector(':scope > script[data-props]')) return;
  self.disconnect();
  card.replaceWith(document.createElement('b'));
}).observe(document, { childList: true, subtree: true });";

#[tokio::test]
async fn a_fragment_of_the_kit_that_panics_says_which_it_is_and_where() -> Result<()> {
    let visit = Visit::start().await?;
    let browser = &visit.browser;
    browser
        .before_pages(
            "window.reports = []; addEventListener('marquetry:report', ({ detail }) => reports.push(detail), true);",
        )
        .await?;
    browser.before_pages(ROB).await?;
    browser.go(&visit.shop.url("/product/CL-01")).await?;
    browser
        .holds(
            "the report says where the panic was",
            "reports.some(({ fragment, phase, message }) => fragment === 'checkout/add-to-cart' && phase === 'hydrate' && /panicked at .*:\\d+:\\d+/.test(message))",
        )
        .await?;
    let told = browser.console().await?;
    ensure!(
        told.iter().any(|entry| entry
            .message
            .contains("checkout/add-to-cart (checkout@1.0.0): panicked at")),
        "{told:#?}"
    );
    let whole = "(({ app, version, request_id, stack }) => app === 'checkout' && version === '1.0.0' \
        && request_id === document.querySelector('script[data-prefix]').dataset.requestId && stack.includes('wasm'))(reports[0])";
    browser.holds("the report is whole", whole).await?;
    // Another fragment of the same module lives on in a fresh one; those of other teams have never noticed.
    browser
        .element("[data-fragment='checkout/mini-cart'][data-live]:not([data-failed])")
        .await?;
    browser.element("[data-fragment='decide/product'][data-live]").await?;
    Ok(())
}

#[tokio::test]
async fn a_product_is_chosen_while_checkout_is_away() -> Result<()> {
    let mut visit = Visit::start().await?;
    visit.shop.bff("checkout")?.process.kill().await?;
    visit.open("/product/CL-01").await?;
    let browser = &visit.browser;
    browser
        .reads(
            "[data-fragment='checkout/add-to-cart'][data-state=fallback]",
            "Ordering is closed",
        )
        .await?;
    browser.quiet().await?;
    browser.keep("product-without-checkout").await?;
    let cards = "[data-fragment='explore/recommendations'] .ex-card h3";
    let before = browser.texts(cards).await?;
    browser.click(".de-choice[href$='sku=CL-01-CB']").await?;
    browser.at("/product/CL-01?sku=CL-01-CB").await?;
    let change = async || Ok((browser.texts(cards).await? != before).then_some(()));
    browser.wait("other recommendations", change).await?;
    let again = "[data-fragment='checkout/add-to-cart'] > button";
    browser.reads(again, "Try again").await?;
    visit.shop.bff("checkout")?.restart().await?;
    visit.browser.click(again).await?;
    visit.browser.click(".ch-buy input[value=CL-01-CB] + button").await?;
    visit.browser.reads(".ch-buy__status", "It is in your cart").await
}
