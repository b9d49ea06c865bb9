//! The console, published and released like any other app: people watch a canary in it, and act.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{
    browser::{Browser, view::Scheme},
    composer::Config,
    environment,
    process::Process,
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed},
};

const SHOP: &str = "/_m/console/apps/shop";

/// A shop with a canary for a fifth of its users, and the console.
struct Desk {
    platform: Platform,
    admin: Admin,
    token: String,
    _shop: Vec<(Stamped, Announced)>,
    _console: Process,
}

impl Desk {
    async fn start() -> Result<Self> {
        let dist = environment::dist()?;
        let config = Config::default()
            .line("log = \"warn\"")
            .line(&format!("shell_dir = {:?}", dist.join("shell")));
        let platform = Platform::with(config).await?;
        let admin = platform.admin()?;
        admin.team("shop", &["shop"]).await?;
        admin.team("platform-team", &["console"]).await?;
        let folder = tempfile::tempdir()?;
        let mut shop = Vec::new();
        for version in ["shop@1.0.0", "shop@2.0.0"] {
            let out = folder.path().join(version);
            packed(version, "/", &[], &out).await?;
            admin.publish(version, &out).await?;
            let bff = Stamped::start(version, &[]).await?;
            let announced = admin.announce(version, bff.origin()).await?;
            shop.push((bff, announced));
        }
        admin.release(&["shop@1.0.0"]).await?;
        admin.canary(&["shop@2.0.0"], &[2_000, 5_000]).await?;
        let console = console(&platform).await?;
        admin.publish("console@1.0.0", &dist.join("apps/console")).await?;
        admin.release(&["console@1.0.0"]).await?;
        let issued = json!({ "name": "ida", "team": "shop", "actions": ["read", "release"] });
        let issued = admin.act(http::Method::POST, "/v1/tokens", &issued).await?;
        Ok(Self {
            token: issued["secret"].as_str().context("no secret")?.to_owned(),
            platform,
            admin,
            _shop: shop,
            _console: console,
        })
    }

    /// Opens a page of the console as somebody who has to sign in first.
    async fn open(&self, browser: &Browser, path: &str) -> Result<()> {
        browser.go(&self.platform.composer.url(path)).await?;
        browser.at_some("/_m/console/sign-in").await?;
        browser.fill("#c-token", &self.token).await?;
        browser.click(".c-door button").await?;
        browser.at(path).await
    }

    async fn shop(&self) -> Result<Value> {
        self.admin.get("/v1/apps/shop").await
    }
}

/// The console's BFF, which announces itself before it says that it is ready to be released.
async fn console(platform: &Platform) -> Result<Process> {
    let program = environment::program("bff-console")?;
    let mut process = Process::start(&program, |command| {
        command
            .env("MARQUETRY_LISTEN", "127.0.0.1:0")
            .env("MARQUETRY_LOG", "warn")
            .env("MARQUETRY_ADMIN", format!("http://{}", platform.composer.admin()))
            .env("MARQUETRY_TOKEN_FILE", platform.token_file());
    })?;
    process.ready(|line| line.contains("listening").then_some(())).await?;
    Ok(process)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_watched_paused_and_promoted_in_the_console() -> Result<()> {
    let desk = Desk::start().await?;
    let browser = Browser::start().await?;
    desk.open(&browser, SHOP).await?;
    browser.reads(".c-canary", "Canary 2.0.0").await?;
    browser.reads(".c-canary", "20 % of users").await?;
    let cookies: String = browser.ask("document.cookie").await?;
    ensure!(
        !cookies.contains("console-session"),
        "a script can read the session: {cookies}"
    );

    let clock = browser.text(".c-asof").await?;
    let moved = format!(
        "document.querySelector('.c-asof').innerText.trim() !== {:?}",
        clock.trim()
    );
    browser.holds("the page follows the composer", &moved).await?;

    browser.click(".c-canary a[href*='act=pause']").await?;
    browser.reads("dialog", "Pause the canary of shop 2.0.0?").await?;
    browser.fill("#c-reason", "lunch").await?;
    browser.click("dialog button[type=submit]").await?;
    browser.reads("[role=status]", "The canary of shop is paused.").await?;
    let history = desk.admin.get("/v1/history?app=shop&limit=1").await?;
    ensure!(
        history["entries"][0]["act"] == "canary-paused" && history["entries"][0]["reason"] == "lunch",
        "{history}"
    );
    ensure!(
        history["entries"][0]["by"]
            .as_str()
            .is_some_and(|by| by.starts_with("ida")),
        "{history}"
    );

    // Someone else goes on; the open page takes it up by itself.
    let canary = desk.shop().await?["canary"].as_str().context("no canary")?.to_owned();
    let resume = format!("/v1/releases/{canary}/resume");
    desk.admin.act(http::Method::POST, &resume, &json!({})).await?;
    browser.element(".c-canary a[href*='act=pause']").await?;

    browser.click(".c-canary a[href*='act=promote&app']").await?;
    browser.fill("#c-reason", "it does well").await?;
    browser.click("dialog button[type=submit]").await?;
    browser.gone(".c-canary").await?;
    ensure!(desk.shop().await?["stable"] == "2.0.0");
    browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_the_console_acts_as_well() -> Result<()> {
    let desk = Desk::start().await?;
    let browser = Browser::start_without_script().await?;
    desk.open(&browser, SHOP).await?;
    browser.click(".c-canary a[href*='act=abort']").await?;
    browser.at_some("/_m/console/confirm").await?;
    browser.reads("h1", "Withdraw shop 2.0.0?").await?;
    browser.fill("#c-reason", "not today").await?;
    browser.click(".c-ask button").await?;
    browser.at(SHOP).await?;
    browser.reads(".c-notice", "The canary of shop is withdrawn.").await?;
    ensure!(desk.shop().await?["canary"].is_null());
    browser.click(".c-who button").await?;
    browser.at("/_m/console/sign-in?why=left").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_of_the_console_keeps_anyone_out_or_is_wider_than_a_phone() -> Result<()> {
    let desk = Desk::start().await?;
    let browser = Browser::start().await?;
    desk.open(&browser, "/_m/console").await?;
    let confirm = "/_m/console/confirm?act=release&app=shop&version=2.0.0";
    for (name, path) in [
        ("apps", "/_m/console"),
        ("app", SHOP),
        ("history", "/_m/console/history"),
        ("page", "/_m/console/page?path=/"),
        ("confirm", confirm),
    ] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            browser.width(360).await?;
            browser.scheme(scheme).await?;
            browser.go(&desk.platform.composer.url(path)).await?;
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            ensure!(browser.ask::<bool>(fits).await?, "{path} is wider than a phone");
            browser.keep(&format!("console-{name}-360-{}", scheme.as_str())).await?;
            let grave: Vec<String> = browser.axe().await?.iter().map(ToString::to_string).collect();
            ensure!(grave.is_empty(), "{path}, {}: {}", scheme.as_str(), grave.join("\n"));
        }
        browser.width(1280).await?;
        browser.keep(&format!("console-{name}-1280-dark")).await?;
    }
    Ok(())
}
