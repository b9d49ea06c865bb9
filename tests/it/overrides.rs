//! A developer's own build in a browser: its events are checked, the inspector knows of it, and both leave without a trace.

use anyhow::{Context, Result, ensure};
use tests::{
    browser::Browser,
    composer::Config,
    environment,
    registry::{Announced, Platform},
    stamped::{Stamped, manifest, packed_from, packed_with},
};

/// Publishes what a test wants it to.
const MODULE: &str = "
export const mount = (slot, { publish }) => ((globalThis.count = (value) => publish('shop:count', value)), slot);
export const hydrate = mount;
export const unmount = () => delete globalThis.count;
";
const SCHEMA: &str =
    r#"{ "type": "object", "required": ["items"], "properties": { "items": { "type": "integer", "minimum": 0 } } }"#;
const PUBLISHES: &str = "[events]\npublishes = [\"shop:count\"]\nschemas = { \"shop:count\" = \"count.json\" }\n";
const FIND: &str = "document.querySelector('marquetry-inspector')?.shadowRoot";

/// A browser at the page `/` of an app, with a build of the developer's in the place of what is live.
struct Desk {
    browser: Browser,
    platform: Platform,
    /// What the build is called.
    build: String,
    _live: (Stamped, Announced),
    _own: Stamped,
}

impl Desk {
    async fn open() -> Result<Self> {
        let shell = environment::dist()?.join("shell");
        let config = Config::default()
            .line("log = \"warn\"")
            .line(&format!("shell_dir = {shell:?}"))
            .tables("[overrides]\nenabled = true");
        let platform = Platform::with(config).await?;
        let admin = platform.admin()?;
        admin.team("shop", &["shop"]).await?;
        let folder = tempfile::tempdir()?;
        let [live, own] = ["live", "own"].map(|name| folder.path().join(name));
        let module = [("module.js", MODULE)];
        packed_with("shop@1.0.0", "/", &[], &module, &live).await?;
        admin.publish("shop@1.0.0", &live).await?;
        let bff = Stamped::start("shop@1.0.0", &[]).await?;
        let live = (admin.announce("shop@1.0.0", bff.origin()).await?, bff);
        admin.release(&["shop@1.0.0"]).await?;

        let text = manifest("shop@1.1.0", "/", &[], true) + PUBLISHES;
        packed_from(&text, &[("count.json", SCHEMA)], &module, &own).await?;
        let bff = Stamped::start("shop@own", &[]).await?;
        let opened = admin.open_override("shop@1.1.0", &own, bff.origin()).await?;
        let browser = Browser::start().await?;
        let link = opened["open"].as_str().context("no link")?;
        browser.go(&platform.composer.url(link)).await?;
        browser.reads("body", "[shop@own]").await?;
        browser.reads("#marquetry-override", "Override").await?;
        Ok(Self {
            browser,
            build: opened["version"].as_str().context("no version")?.to_owned(),
            platform,
            _live: (live.1, live.0),
            _own: bff,
        })
    }

    /// Publishes until the console says so much of it; gives the last of it.
    async fn told(&self, value: &str) -> Result<String> {
        let publish = format!("globalThis.count ? (count({value}), true) : false");
        let told = async || {
            self.browser.ask::<bool>(&publish).await?;
            let console = self.browser.console().await?;
            let mut said = console.into_iter().filter(|entry| entry.message.contains("shop:count"));
            Ok(said.next_back().map(|entry| entry.message))
        };
        self.browser.wait("the console tells of the event", told).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_developer_s_console_tells_which_events_break_their_schema() -> Result<()> {
    let desk = Desk::open().await?;
    let build = &desk.build;
    for (value, rule) in [
        ("'three'", "`the value` must be object, is string"),
        ("{}", "`items` is required"),
        ("{ items: -1 }", "`items` must be at least 0, is -1"),
    ] {
        let told = desk.told(value).await?;
        let rule = format!("event `shop:count` isn't what `{build}` says in its schema: {rule}");
        ensure!(told.contains(&rule), "{told}\nhas no\n{rule}");
    }
    // What is told of this one is told after what would be told of the other.
    desk.browser.ask::<bool>("(count({ items: 3 }), true)").await?;
    let told = desk.told("{ items: 0.5 }").await?;
    ensure!(told.contains("must be integer, is number"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inspector_tells_of_the_override_and_closes_it() -> Result<()> {
    let desk = Desk::open().await?;
    let browser = &desk.browser;
    browser
        .holds(
            "the inspector is offered",
            "performance.getEntriesByType('resource').some((e) => e.name.endsWith('/inspector.js'))",
        )
        .await?;
    browser.press_with(&['\u{e009}', '\u{e00a}'], 'm').await?;
    let tab = format!("!!{FIND}?.querySelector('#tab-versions')");
    browser.holds("it is open", &tab).await?;
    browser
        .ask::<bool>(&format!("({FIND}.querySelector('#tab-versions').click(), true)"))
        .await?;
    let told = format!(
        "{FIND}.querySelector('.own')?.textContent.includes('shows the override {}')",
        desk.build
    );
    browser.holds("it tells of the override", &told).await?;
    browser.keep_window("override-inspected").await?;
    // Where there is room, neither lies over the other.
    let apart = format!(
        "(() => {{
            const badge = document.querySelector('#marquetry-override').getBoundingClientRect();
            const panel = {FIND}.querySelector('.panel').getBoundingClientRect();
            return badge.right <= panel.left || getComputedStyle(document.querySelector('#marquetry-override')).display === 'none';
        }})()"
    );
    for width in [360, 1440] {
        browser.width(width).await?;
        browser.keep_window(&format!("override-{width}")).await?;
        browser
            .holds(
                &format!("badge and inspector stand beside each other at {width} pixels"),
                &apart,
            )
            .await?;
    }
    browser
        .ask::<bool>(&format!("({FIND}.querySelector('.own button').click(), true)"))
        .await?;
    browser.reads("body", "[shop@1.0.0]").await?;
    ensure!(
        browser.count("#marquetry-override").await? == 0,
        "the badge is still there"
    );
    ensure!(
        browser.count("script[data-prefix][data-inspector]").await? == 0,
        "who shows what is live is offered no inspector"
    );
    let others = desk.platform.composer.get("/").send().await?.text();
    ensure!(others.contains("[shop@1.0.0]"), "{others}");
    Ok(())
}
