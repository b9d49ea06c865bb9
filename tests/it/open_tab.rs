//! A tab stays on the versions that it was made of, for as long as these run.

use anyhow::{Context, Result, ensure};
use tests::{
    browser::Browser,
    composer::Config,
    environment,
    load::Visitors,
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed_with, stamps},
    wait::{PATIENCE, until},
};

/// Says of itself which version it is of, and gives the page's script what it needs to call its BFF.
fn module(version: &str) -> String {
    format!(
        "export function mount(slot, {{ base }}) {{ slot.dataset.awake = {version:?}; window.base = base; return slot; }}
export const hydrate = mount;
export function unmount(slot) {{ delete slot.dataset.awake; }}
"
    )
}

/// An instance of a version, and what keeps it announced.
type Instance = (Stamped, Announced);

/// A composer with two versions of one app, an instance of each, and the first one live.
async fn start() -> Result<(Platform, Admin, [Instance; 2])> {
    let shell = environment::dist()?.join("shell");
    let config = Config::default()
        .line("log = \"warn\"")
        .line(&format!("shell_dir = {shell:?}"));
    let platform = Platform::with(config).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let first = instance(&admin, "shop@1.0.0", &module("shop@1.0.0")).await?;
    let second = instance(&admin, "shop@2.0.0", &module("shop@2.0.0")).await?;
    admin.release(&["shop@1.0.0"]).await?;
    Ok((platform, admin, [first, second]))
}

/// Publishes a version with that module, and starts an instance of it.
async fn instance(admin: &Admin, version: &str, module: &str) -> Result<Instance> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join(version);
    packed_with(version, "/", &["shop/part"], &[("module.js", module)], &out).await?;
    admin.publish(version, &out).await?;
    let bff = Stamped::start(version, &["shop/part"]).await?;
    let announced = admin.announce(version, bff.origin()).await?;
    Ok((bff, announced))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_tab_stays_on_its_version_until_that_has_gone() -> Result<()> {
    let (platform, admin, [first, second]) = start().await?;

    let tab = Browser::start().await?;
    tab.go(&platform.composer.url("/")).await?;
    tab.holds(
        "the page is awake",
        "document.querySelector('[data-awake]')?.dataset.awake === 'shop@1.0.0'",
    )
    .await?;
    tab.run(
        "window.heard = []; new EventSource(base + '/events').onmessage = (e) => heard.push(e.data); arguments[0]();",
    )
    .await?;
    tab.holds("events arrive", "heard.length > 0").await?;

    admin.release(&["shop@2.0.0"]).await?;
    let visitors = Visitors::new(platform.composer.address());
    let view = visitors.view("/", &[]).await?;
    ensure!(stamps(&view.text) == ["shop@2.0.0", "shop@2.0.0"], "{}", view.text);

    let called = tab
        .run("fetch(base + '/call').then((reply) => reply.text()).then(arguments[0])")
        .await?;
    ensure!(
        called == "[shop@1.0.0]",
        "a call of the old tab was answered by {called}"
    );
    tab.run("heard.length = 0; arguments[0]();").await?;
    tab.holds(
        "events go on",
        "heard.length > 1 && heard.every((data) => data === '[shop@1.0.0]')",
    )
    .await?;
    // The part's module is loaded only now.
    tab.run("document.querySelector('[data-fragment=\"shop/part\"]').dispatchEvent(new Event('pointerover')); arguments[0]();")
        .await?;
    tab.holds(
        "the module that is loaded late is the old one",
        "document.querySelector('[data-fragment=\"shop/part\"]').dataset.awake === 'shop@1.0.0'",
    )
    .await?;
    // A slot that changes is fetched in the old composition.
    tab.run("document.querySelector('[data-fragment=\"shop/part\"]').setAttribute('src', 'shop/part?changed=1'); arguments[0]();")
        .await?;
    tab.reads("[src=\"shop/part?changed=1\"]", "[shop@1.0.0]").await?;
    let posts = first.0.posts();
    tab.click("#send").await?;
    // Its own version goes on, and the new one is offered.
    tab.reads("#marquetry-version", "There is a new version").await?;
    tab.reads("body", "[shop@1.0.0]").await?;
    ensure!(
        first.0.posts() == posts + 1 && second.0.posts() == 0,
        "the form went to the new version"
    );
    tab.click("#marquetry-version button").await?;
    tab.reads("body", "[shop@2.0.0]").await?;

    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tab_whose_version_has_gone_is_told_and_stays_whole() -> Result<()> {
    let (platform, admin, [first, second]) = start().await?;
    let tab = Browser::start().await?;
    tab.go(&platform.composer.url("/")).await?;
    tab.holds(
        "the page is awake",
        "!!window.base && performance.getEntriesByType('resource').some((e) => e.name.endsWith('shell_bg.wasm'))",
    )
    .await?;
    admin.release(&["shop@2.0.0"]).await?;
    drop(first);

    let visitors = Visitors::new(platform.composer.address());
    let gone = until(2 * PATIENCE, "the old version is gone", async || {
        let view = visitors.view("/_m/app/shop@1.0.0/call", &[]).await?;
        Ok((view.status == 410).then_some(view))
    })
    .await?;
    ensure!(gone.text.contains("version-gone"), "{}", gone.text);
    let page = visitors
        .view("/_m/app/shop@1.0.0/form", &[("accept", "text/html")])
        .await?;
    ensure!(page.status == 410 && page.text.contains("new version"), "{}", page.text);

    tab.run("fetch(base + '/call').then((reply) => reply.text()).then(arguments[0])")
        .await?;
    tab.reads("#marquetry-version-gone", "There is a new version of this page")
        .await?;
    ensure!(
        tab.text("body").await?.contains("[shop@1.0.0]"),
        "the page did not stay"
    );
    tab.keep("version-gone").await?;
    ensure!(
        tab.count("#marquetry-version").await? == 0,
        "it is offered a second time, over the first"
    );
    tab.click("#marquetry-version-gone button").await?;
    tab.reads("body", "[shop@2.0.0]").await?;
    ensure!(tab.count("#marquetry-version-gone").await? == 0, "the notice came back");
    let view = visitors.view("/", &[]).await?;
    ensure!(view.status == 200, "{}", view.status);
    drop(second);
    Ok(())
}

/// Whose reports count is tested in `composer/server/src/canary`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_whose_module_throws_in_browsers_is_rolled_back() -> Result<()> {
    let (platform, admin, [_first, _second]) = start().await?;
    let _third = instance(&admin, "shop@3.0.0", "throw new Error('bad build')").await?;
    let body = serde_json::json!({
        "apps": ["shop@3.0.0"],
        "canary": { "audience": "share", "steps": [10_000] },
        "analysis": { "min_sample": 5, "max_failures_bp": 500, "max_reports_bp": 500 },
    });
    admin.act(http::Method::POST, "/v1/releases", &body).await?;
    let tab = Browser::start().await?;
    for _ in 0..6 {
        tab.go(&platform.composer.url("/")).await?;
        tab.holds("the module has failed", "!!document.querySelector('[data-failed]')")
            .await?;
    }
    let entry = until(PATIENCE, "the canary is rolled back", async || {
        let history = admin.get("/v1/history").await?;
        let newest = history["entries"][0].clone();
        Ok((newest["act"] == "rolled-back").then_some(newest))
    })
    .await?;
    println!("{entry}");
    let reason = entry["reason"].as_str().context("no reason")?;
    ensure!(
        entry["by"] == "system:analysis" && reason.contains("shop@3.0.0"),
        "{entry}"
    );
    tab.go(&platform.composer.url("/")).await?;
    tab.reads("body", "[shop@1.0.0]").await?;
    Ok(())
}
