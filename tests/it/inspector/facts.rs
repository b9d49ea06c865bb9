//! What the inspector learns from a page that runs: lives, events, leaks; what it hands on; and a token that is typed.

use anyhow::{Context, Result, ensure};
use tests::{bff, browser::Browser, site, site::Site, visit::Visit};

use super::{ASSETS, ON, act, choose_tab, config, two_versions_under};

const ENTER: char = '\u{e007}';

/// Chooses a slot in the list.
async fn choose_slot(browser: &Browser, fragment: &str) -> Result<()> {
    let row = format!("[...inspector('.tree').children].find((row) => row.textContent.includes('{fragment}'))");
    browser.holds("the slot is listed", &format!("!!{row}")).await?;
    act(browser, &format!("{row}.click()")).await?;
    let chosen = format!("inspector('.details h3')?.textContent === '{fragment}'");
    browser.holds("the slot is chosen", &chosen).await
}

async fn holds_event(browser: &Browser, topic: &str, by: &str) -> Result<()> {
    let told = format!(
        "[...inspector('.events').children].some(({{ textContent: text }}) => text.includes('{topic}') && text.includes('{by}'))"
    );
    browser.holds(&format!("{topic} is listed, of {by}"), &told).await
}

#[tokio::test]
async fn it_tells_how_a_fragment_woke_and_who_published_what() -> Result<()> {
    let visit = Visit::start_under(ON).await?;
    let browser = &visit.browser;
    visit.open("/product/CL-02?sku=CL-02-IN&marquetry-inspect").await?;
    choose_tab(browser, "slots").await?;
    choose_slot(browser, "checkout/add-to-cart").await?;
    let woke = "/Load[\\d.,]+ m?s.*Hydrate[\\d.,]+ m?s/.test(inspector('.details').textContent)";
    browser
        .holds("it tells how long it took to wake", woke)
        .await
        .context(browser.ask::<String>("inspector('.details').textContent").await?)?;

    choose_tab(browser, "events").await?;
    act(browser, "document.querySelector('.ch-buy__button').click()").await?;
    holds_event(browser, "checkout:cart-changed", "checkout@1.0.0").await?;
    visit.shop.buy("CL-02-IN").await?;
    browser.reads(".ch-stock", "Only one left").await?;
    holds_event(browser, "checkout:stock-changed", "server").await
}

#[tokio::test]
async fn a_diagnosis_is_copied_and_downloaded() -> Result<()> {
    let visit = Visit::start_under(ON).await?;
    let browser = &visit.browser;
    browser.allow_clipboard().await?;
    visit.open("/product/CL-01?marquetry-inspect").await?;
    choose_tab(browser, "report").await?;
    let press = |words: &str| {
        format!(
            "[...document.querySelector('marquetry-inspector').shadowRoot.querySelectorAll('.acts button')].find(({{ textContent }}) => textContent === '{words}').click()"
        )
    };
    let read = "const done = arguments[0]; navigator.clipboard.readText().then(done, (error) => done(String(error)));";
    act(browser, &press("Copy the words")).await?;
    browser
        .holds("it is copied", "inspector('.told').textContent === 'copied'")
        .await?;
    let words = browser.run(read).await?;
    ensure!(
        words == browser.ask::<String>("inspector('.diagnosis').textContent").await?,
        "{words}"
    );

    act(browser, &press("Copy JSON")).await?;
    browser
        .wait("JSON is copied", async || {
            let text = browser.run(read).await?;
            let read: Option<serde_json::Value> = text.as_str().and_then(|text| serde_json::from_str(text).ok());
            Ok(read.filter(|json| json["slots"].is_array()).map(drop))
        })
        .await?;

    let keep = "const own = URL.createObjectURL; URL.createObjectURL = (blob) => (blob.text().then((text) => (window.saved = text)), own.call(URL, blob));\
        HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };";
    act(browser, keep).await?;
    act(browser, &press("Download JSON")).await?;
    browser
        .holds(
            "it is downloaded",
            "savedAs === 'marquetry-diagnosis.json' && JSON.parse(window.saved ?? '{}').slots?.length > 3",
        )
        .await
}

const LEAKY: &str = "
export function hydrate(slot) {
  setInterval(() => {}, 1000);
  return slot;
}
export const mount = hydrate;
export function unmount() {}
";

#[tokio::test]
async fn what_a_fragment_left_behind_is_among_the_troubles() -> Result<()> {
    let manifest = site::MANIFEST
        .replace("role = \"optional\"", "role = \"optional\"\nhydrate = \"load\"")
        .replace("deadline_ms = 500", "deadline_ms = 15000")
        .replace("deadline_ms = 1500\n", "deadline_ms = 20000\n");
    let site = Site::with_assets(&(manifest + ASSETS), config()?.tables(ON), &[("app.js", LEAKY)]).await?;
    site.bff.on("/fragments/part", bff::html("<div data-root>part</div>"));
    let browser = Browser::start().await?;
    browser.go(&site.composer.url("/?marquetry-inspect")).await?;
    browser.element("[data-fragment='app/part'][data-live]").await?;
    browser
        .holds(
            "the shell has started",
            "!!document.getElementById('marquetry-announcer')",
        )
        .await?;
    choose_tab(&browser, "trouble").await?;
    act(
        &browser,
        "document.querySelector(\"[data-fragment='app/part']\").setAttribute('src', 'app/part?q=2')",
    )
    .await?;
    let told = "inspector('.troubles').textContent.includes('app/part left behind: interval')";
    browser.holds("the leak is told", told).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_typed_lets_its_owner_choose() -> Result<()> {
    let (platform, _instances) = two_versions_under(ON).await?;
    let token = platform.admin()?.issue("shop", &["dev"]).await?;
    let browser = Browser::start().await?;
    browser.go(&platform.composer.url("/?marquetry-inspect")).await?;
    choose_tab(&browser, "versions").await?;
    browser
        .holds(
            "it asks for a token",
            "!!inspector('input[type=password]') && !inspector('.choice select')",
        )
        .await?;
    act(&browser, "inspector('input[type=password]').focus()").await?;
    for key in token.token().chars().chain([ENTER]) {
        browser.press(key).await?;
    }
    browser
        .holds(
            "there are versions",
            "inspector('.choice select')?.options.length === 2",
        )
        .await?;
    let choose = "const all = inspector('.choice select'); all.value = '2.0.0'; \
                  all.dispatchEvent(new Event('change', { bubbles: true }))";
    act(&browser, choose).await?;
    browser
        .holds("it can be chosen", "!inspector('.choice button').disabled")
        .await?;
    act(&browser, "inspector('.choice button').click()").await?;
    browser.reads("body", "[shop@2.0.0]").await?;
    let kept = format!(
        "JSON.stringify([{{ ...localStorage }}, {{ ...sessionStorage }}, document.cookie, location.href]).includes('{}')",
        token.token()
    );
    ensure!(!browser.ask::<bool>(&kept).await?, "the token is kept");
    Ok(())
}
