//! The inspector: opened by keys, walked through by keys, right about what broke and whose it is, gone without a trace.

mod facts;

use anyhow::{Result, ensure};
use http::StatusCode;
use tests::{
    bff,
    browser::{Browser, view::Scheme},
    client::get,
    composer::Config,
    environment,
    registry::{Announced, Platform},
    site::{self, Site},
    stamped::{Stamped, packed_with},
    visit::Visit,
};

const ON: &str = "[inspector]\noffer = \"on\"";
const TAB: char = '\u{e004}';
const ESCAPE: char = '\u{e00c}';
const HOME: char = '\u{e011}';
const END: char = '\u{e010}';
const RIGHT: char = '\u{e014}';
const DOWN: char = '\u{e015}';

/// What a test finds in the inspector.
const FIND: &str = "window.inspector ??= (css) => document.querySelector('marquetry-inspector')?.shadowRoot.querySelector(css);\
    window.inside ??= () => document.activeElement?.shadowRoot?.activeElement;";

const MODULE: &str = "
export function hydrate(slot, { fragment }) {
  if (fragment === 'part') throw new Error('cannot wake');
  return slot;
}
export const mount = hydrate;
export function unmount() {}
";

const ASSETS: &str = r#"
[assets]
dir = "assets"
module = "app.js"
"#;

fn config() -> Result<Config> {
    let shell = environment::dist()?.join("shell");
    Ok(Config::default()
        .line(&format!("shell_dir = {shell:?}"))
        .line("log = \"error\""))
}

/// A page whose part breaks when it wakes.
async fn broken(config: Config) -> Result<Site> {
    let manifest = site::MANIFEST.replace("role = \"optional\"", "role = \"optional\"\nhydrate = \"load\"");
    // A machine with much else to do is no reason to show a fallback.
    let manifest = manifest
        .replace("deadline_ms = 500", "deadline_ms = 15000")
        .replace("deadline_ms = 1500\n", "deadline_ms = 20000\n");
    let site = Site::with_assets(&(manifest + ASSETS), config, &[("app.js", MODULE)]).await?;
    let page =
        "<h1>Page</h1><a id=\"way\" href=\"/?q=1\">a way</a><fragment-slot src=\"app/part?q=Ada\"></fragment-slot>";
    site.bff.on("/fragments/page", bff::html(page));
    site.bff.on("/fragments/part", bff::html("<div data-root>part</div>"));
    Ok(site)
}

/// Opens it by its keys, once the page's part has broken.
async fn open(browser: &Browser) -> Result<()> {
    browser.element("[data-failed]").await?;
    browser
        .holds(
            "the door is there",
            "performance.getEntriesByType('resource').some((e) => e.name.endsWith('/inspector.js'))",
        )
        .await?;
    browser
        .ask::<bool>(&format!(
            "({{}}, (() => {{ {FIND} document.querySelector('#way').focus(); return true; }})())"
        ))
        .await?;
    toggle(browser).await?;
    browser
        .holds("the inspector is open", "inside()?.id === 'tab-slots'")
        .await
}

async fn toggle(browser: &Browser) -> Result<()> {
    browser.press_with(&['\u{e009}', '\u{e00a}'], 'm').await
}

#[tokio::test]
async fn it_is_walked_through_by_keys_alone() -> Result<()> {
    let site = broken(config()?.tables(ON)).await?;
    let browser = Browser::start().await?;
    browser.go(&site.composer.url("/")).await?;
    open(&browser).await?;

    browser.press(RIGHT).await?;
    browser
        .holds("the next tab has the focus", "inside()?.id === 'tab-events'")
        .await?;
    browser.press(END).await?;
    browser
        .holds(
            "the diagnosis is shown",
            "inside()?.id === 'tab-report' && !!inspector('.diagnosis')",
        )
        .await?;
    for words in [
        "app/part failed to hydrate",
        "app@1.0.0, owned by Team App",
        "It is fixed by the configuration",
    ] {
        let told = format!("inspector('.diagnosis').textContent.includes({words:?})");
        browser.holds(&format!("the diagnosis says `{words}`"), &told).await?;
    }
    let id: String = browser
        .ask("document.querySelector('script[data-prefix]').dataset.requestId")
        .await?;
    let told: String = browser.ask("inspector('.diagnosis').textContent").await?;
    ensure!(id.len() > 8 && told.contains(&id) && !told.contains("Ada"), "{told}");

    browser.press(HOME).await?;
    browser.holds("the list is back", "!!inspector('[role=tree]')").await?;
    browser.press(TAB).await?;
    browser
        .holds("the tab's content", "inside()?.getAttribute('role') === 'tabpanel'")
        .await?;
    browser.press(TAB).await?;
    browser
        .holds("the tree", "inside()?.getAttribute('role') === 'treeitem'")
        .await?;
    browser.press(DOWN).await?;
    browser
        .holds(
            "the slot in the page's",
            "inside()?.getAttribute('aria-level') === '2' && inspector('.details h3').textContent === 'app/part'",
        )
        .await?;
    let details: String = browser.ask("inspector('.details').textContent").await?;
    for words in ["app@1.0.0", "Team App", "optional", "fresh", "failed"] {
        ensure!(details.contains(words), "no `{words}` in {details}");
    }
    browser.press(ESCAPE).await?;
    browser
        .holds(
            "it is closed",
            "!document.querySelector('marquetry-inspector') && document.activeElement.id === 'way'",
        )
        .await
}

#[tokio::test]
async fn nothing_of_it_is_left_when_it_closes() -> Result<()> {
    let site = broken(config()?.tables(ON)).await?;
    let browser = Browser::start().await?;
    browser.watch_wasm().await?;
    browser.go(&site.composer.url("/")).await?;
    let shut = "!document.querySelector('marquetry-inspector')";
    open(&browser).await?;
    toggle(&browser).await?;
    browser.holds("it is closed", shut).await?;
    let before = browser.held().await?;
    for _ in 0..5 {
        toggle(&browser).await?;
        browser
            .holds("it is open", "inspector('.tree')?.children.length === 2")
            .await?;
        toggle(&browser).await?;
        browser.holds("it is closed", shut).await?;
    }
    let let_go = async || {
        let now = browser.held().await?;
        Ok((now.listeners <= before.listeners && now.nodes <= before.nodes + 20).then_some(()))
    };
    browser.wait(&format!("what was held before: {before:?}"), let_go).await
}

#[tokio::test]
async fn it_opens_by_its_address_where_it_is_offered_and_nowhere_else() -> Result<()> {
    let site = broken(config()?.tables(ON)).await?;
    let browser = Browser::start().await?;
    browser.go(&site.composer.url("/?marquetry-inspect")).await?;
    browser
        .holds(
            "it is open",
            "!!document.querySelector('marquetry-inspector')?.shadowRoot.querySelector('[role=tree]')",
        )
        .await?;
    ensure!(
        browser.count("marquetry-inspector-button").await? == 0,
        "only developers have a button"
    );

    let usual = broken(config()?).await?;
    browser.go(&usual.composer.url("/?marquetry-inspect")).await?;
    browser.element("[data-failed]").await?;
    let offered: bool = browser
        .ask("'inspector' in document.querySelector('script[data-prefix]').dataset")
        .await?;
    let told = browser.count("[data-source]").await?;
    ensure!(!offered && told == 0, "it is offered to everybody");
    toggle(&browser).await?;
    ensure!(
        browser.count("marquetry-inspector").await? == 0,
        "it opens where it is not offered"
    );
    let asked = get(usual.composer.address(), "/_m/inspect?path=/").send().await?;
    ensure!(asked.status == StatusCode::NOT_FOUND, "{}", asked.status);
    Ok(())
}

/// An app at 1.0.0 that is live and at 2.0.0 that isn't, where developers are alone; the instances last as long as what is given.
async fn two_versions() -> Result<(Platform, Vec<(Announced, Stamped)>)> {
    two_versions_under("[inspector]\ndevelopment = true").await
}

async fn two_versions_under(tables: &str) -> Result<(Platform, Vec<(Announced, Stamped)>)> {
    let platform = Platform::with(config()?.tables(tables)).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let module = [(
        "module.js",
        "export const hydrate = () => {}, mount = hydrate, unmount = hydrate;",
    )];
    let mut instances = Vec::new();
    for version in ["shop@1.0.0", "shop@2.0.0"] {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join(version);
        packed_with(version, "/", &["shop/part"], &module, &out).await?;
        admin.publish(version, &out).await?;
        let bff = Stamped::start(version, &["shop/part"]).await?;
        instances.push((admin.announce(version, bff.origin()).await?, bff));
    }
    admin.release(&["shop@1.0.0"]).await?;
    Ok((platform, instances))
}

/// Does something in the page.
async fn act(browser: &Browser, script: &str) -> Result<()> {
    browser
        .ask::<bool>(&format!("(() => {{ {FIND} {script}; return true; }})()"))
        .await?;
    Ok(())
}

/// Goes to a tab of the inspector once it is open.
async fn choose_tab(browser: &Browser, tab: &str) -> Result<()> {
    act(browser, "").await?;
    browser.holds("it is open", "!!inspector('[role=tab]')").await?;
    act(browser, &format!("inspector('#tab-{tab}').click()")).await?;
    let chosen = format!("inspector('#tab-{tab}').getAttribute('aria-selected') === 'true'");
    browser.holds("the tab is chosen", &chosen).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_is_shown_to_one_browser_alone() -> Result<()> {
    let (platform, _instances) = two_versions().await?;
    let browser = Browser::start().await?;
    browser.scheme(Scheme::Dark).await?;
    browser.go(&platform.composer.url("/")).await?;
    browser.reads("body", "[shop@1.0.0]").await?;
    let button = "document.querySelector('marquetry-inspector-button')";
    browser.holds("there is a button", &format!("!!{button}")).await?;
    act(
        &browser,
        &format!("{button}.shadowRoot.querySelector('button').click()"),
    )
    .await?;
    choose_tab(&browser, "versions").await?;
    browser
        .holds(
            "there are versions",
            "inspector('.choice select')?.options.length === 2",
        )
        .await?;
    let told: String = browser.ask("inspector('.apps li').textContent").await?;
    for words in ["shop@1.0.0", "live for everybody", "release r"] {
        ensure!(told.contains(words), "no `{words}` in {told}");
    }
    let choose = "const all = inspector('.choice select'); all.value = '2.0.0'; \
                  all.dispatchEvent(new Event('change', { bubbles: true }))";
    act(&browser, choose).await?;
    browser
        .holds("it can be chosen", "!inspector('.choice button').disabled")
        .await?;
    act(&browser, "inspector('.choice button').click()").await?;
    browser.reads("body", "[shop@2.0.0]").await?;
    let others = get(platform.composer.address(), "/").send().await?.text();
    ensure!(others.contains("[shop@1.0.0]"), "{others}");

    browser.go(&platform.composer.url("/?marquetry-inspect")).await?;
    browser.reads("body", "[shop@2.0.0]").await?;
    choose_tab(&browser, "versions").await?;
    browser
        .holds("there is a way back", "!!inspector('.own button')")
        .await?;
    browser.keep_window("inspector-versions").await?;
    act(&browser, "inspector('.own button').click()").await?;
    browser.reads("body", "[shop@1.0.0]").await
}

#[tokio::test]
async fn it_follows_soft_navigation_and_says_whose_server_is_gone() -> Result<()> {
    let mut visit = Visit::start_under(ON).await?;
    visit.open("/?marquetry-inspect").await?;
    choose_tab(&visit.browser, "slots").await?;
    visit.mark().await?;
    visit
        .follow("a[href='/products/classics']", "/products/classics")
        .await?;
    ensure!(visit.is_marked().await?, "the page was loaded as a whole");
    let listed = "inspector('.tree').textContent.includes('explore/category') && \
                  !inspector('.tree').textContent.includes('explore/home')";
    visit.browser.holds("the list is of the new page", listed).await?;
    choose_tab(&visit.browser, "versions").await?;
    let told = "inspector('.body').textContent.includes('/products/{')";
    visit.browser.holds("the composer tells of the new page", told).await?;

    visit.shop.bff("checkout")?.process.kill().await?;
    visit.open("/product/CL-01?marquetry-inspect").await?;
    choose_tab(&visit.browser, "report").await?;
    for words in [
        "checkout/add-to-cart shows its fallback: connect.",
        "checkout@1.0.0, owned by",
    ] {
        let told = format!("inspector('.diagnosis').textContent.includes({words:?})");
        visit
            .browser
            .holds(&format!("the diagnosis says `{words}`"), &told)
            .await?;
    }
    visit.browser.pictures().await?;
    visit.browser.keep_window("inspector-diagnosis").await?;
    Ok(())
}

#[tokio::test]
async fn it_keeps_nobody_out_and_fits_every_window() -> Result<()> {
    let visit = Visit::start_under(ON).await?;
    let browser = &visit.browser;
    visit.open("/product/CL-01?marquetry-inspect").await?;
    let mut grave = Vec::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.scheme(scheme).await?;
        for tab in ["events", "trouble", "report", "versions", "slots"] {
            choose_tab(browser, tab).await?;
            let found = browser.axe().await?.into_iter().filter(|finding| finding.is_grave());
            grave.extend(found.map(|finding| format!("{tab}, {}: {finding}", scheme.as_str())));
        }
        for width in [360, 768, 1440] {
            browser.width(width).await?;
            browser.pictures().await?;
            let right = "Math.abs(inspector('.frame')?.getBoundingClientRect().right - document.documentElement.clientWidth) <= 1";
            browser.holds("the frames follow", right).await?;
            let needed: u32 = browser.ask("document.documentElement.scrollWidth").await?;
            ensure!(needed <= width, "the page needs {needed} of {width} pixels");
            browser
                .keep_window(&format!("inspector-{width}-{}", scheme.as_str()))
                .await?;
        }
    }
    ensure!(grave.is_empty(), "axe-core finds barriers:\n{}", grave.join("\n"));
    Ok(())
}
