//! A browser that waits for a page fetches the page's files meanwhile.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use rcgen::PublicKeyData;
use sha2::{Digest, Sha256};
use tests::{
    bff::{self, Step},
    browser::{Browser, Manner},
    client,
    composer::{Composer, Config},
    shop::Shop,
    site::{self, Site},
    wait::{PATIENCE, until},
};
use tokio::sync::Semaphore;

const MODULE: &str = "export function hydrate() {}\nexport const mount = hydrate;\nexport function unmount() {}\n";
const STYLE: &str = "h1 { color: rgb(1, 2, 3) }";
const ASSETS: &str = "\n[assets]\ndir = \"assets\"\nmodule = \"app.js\"\nstyles = [\"app.css\"]\n";
/// The files of its one page.
const FILES: u64 = 2;
/// Of which kinds a real page has files.
const KINDS: [&str; 3] = [".css", ".js", ".wasm"];
const COMPLETE: &str = "document.readyState === 'complete' && performance.timing.loadEventEnd > 0";
/// Each file that came by a hint, and each file that came, once.
const EARLY: &str = "[...new Set(performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === \
                     'early-hints').map((entry) => entry.name))]";
const FETCHED: &str = "[...new Set(performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => \
                       name.includes('/_m/assets/')))]";
const NAVIGATION: &str = "(({ nextHopProtocol, firstInterimResponseStart }) => [nextHopProtocol, \
                          firstInterimResponseStart])(performance.getEntriesByType('navigation')[0])";
const TIMING: &str = "performance.getEntriesByType('navigation')[0].serverTiming.map(({ name, description }) => [name, \
                      description])";

/// Writes a certificate for `localhost`; gives the hash of its key, by which a browser can be told to trust it.
fn certificate(folder: &Path) -> Result<String> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    std::fs::write(folder.join("certificate.pem"), made.cert.pem())?;
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem())?;
    let hash = Sha256::digest(made.signing_key.subject_public_key_info());
    Ok(Base64::encode_string(&hash))
}

fn manifest() -> String {
    let slow = site::MANIFEST.replace("deadline_ms = 500", "deadline_ms = 20000\nhydrate = \"load\"");
    slow.replace("deadline_ms = 1500", "deadline_ms = 20000") + ASSETS
}

/// Lines of a `composer.toml` for TLS.
fn tls(folder: &Path) -> String {
    let key = |name: &str| format!("{name} = {:?}\n", folder.join(format!("{name}.pem")));
    format!("[tls]\n{}{}", key("certificate"), key("key"))
}

async fn secure_site(folder: &Path) -> Result<Site> {
    let config = Config::default().line(&tls(folder));
    Site::with_assets(&manifest(), config, &[("app.js", MODULE), ("app.css", STYLE)]).await
}

async fn browser(key_hash: &str) -> Result<Browser> {
    let switch = format!("--ignore-certificate-errors-spki-list={key_hash}");
    // Not more than a line a test.
    let switches: &'static [&'static str] = vec![&*switch.leak()].leak();
    Browser::start_as(Manner {
        switches,
        waits: false,
        ..Manner::default()
    })
    .await
}

/// How many files the composer has sent.
async fn files_sent(composer: &Composer) -> Result<u64> {
    let metrics = client::get(composer.admin(), "/metrics").send().await?.text();
    let mut lines = metrics.lines();
    let line = lines.find(|line| line.starts_with("composer_requests_total{route=\"/_m/assets/{digest}/{*file}\""));
    line.map_or(Ok(0), |line| {
        let count = line.rsplit(' ').next().context("a metric has a value")?;
        Ok(count.parse()?)
    })
}

#[tokio::test]
async fn chromium_fetches_a_page_s_files_before_any_bff_answers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let key_hash = certificate(folder.path())?;
    let site = secure_site(folder.path()).await?;
    let gate = Arc::new(Semaphore::new(0));
    let mut gated = vec![Step::Gate(Arc::clone(&gate))];
    gated.append(&mut bff::html(site::PAGE));
    site.bff.on("/fragments/page", gated);
    let browser = browser(&key_hash).await?;
    let url = format!("https://localhost:{}/", site.composer.address().port());
    browser.go(&url).await?;
    until(PATIENCE, "the files are asked for", async || {
        Ok((files_sent(&site.composer).await? == FILES).then_some(()))
    })
    .await?;
    until(PATIENCE, "the BFF is asked, and says nothing", async || {
        Ok((site.bff.heads().len() == 1).then_some(()))
    })
    .await?;
    gate.add_permits(1);
    browser.reads("h1", "Page").await?;
    browser.reads("#bottom", "bottom").await?;
    let color: String = browser
        .ask("getComputedStyle(document.querySelector('h1')).color")
        .await?;
    ensure!(color == "rgb(1, 2, 3)", "{color}");
    browser.holds("the page is complete", COMPLETE).await?;
    // A page is complete without its modules, which may still be on their way.
    let came = format!("{EARLY}.length === {FILES}");
    browser.holds("all files came by hints", &came).await?;
    let (protocol, interim): (String, f64) = browser.ask(NAVIGATION).await?;
    ensure!(protocol == "h2" && interim > 0.0, "{protocol}, {interim}");
    let timing: Vec<(String, String)> = browser.ask(TIMING).await?;
    ensure!(timing.contains(&("app-page".into(), "fresh".into())), "{timing:?}");
    settled(&browser).await?;
    ensure!(files_sent(&site.composer).await? == FILES, "a file was fetched twice");
    Ok(())
}

#[tokio::test]
async fn every_file_of_a_real_page_that_is_hinted_is_used_and_fetched_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let key_hash = certificate(folder.path())?;
    let mut shop = Shop::start_under(&tls(folder.path())).await?;
    let browser = browser(&key_hash).await?;
    let url = format!("https://localhost:{}/product/AU-02", shop.composer.address().port());
    // A page that comes with its hints leaves no time to follow them.
    shop.bff("decide")?.process.signal("STOP").await?;
    browser.go(&url).await?;
    until(PATIENCE, "the hints are followed", async || {
        Ok((files_sent(&shop.composer).await? >= KINDS.len() as u64).then_some(()))
    })
    .await?;
    shop.bff("decide")?.process.signal("CONT").await?;
    browser.holds("the page is complete", COMPLETE).await?;
    // A page is complete without its modules, which may still be on their way.
    for kind in KINDS {
        let came = format!("{EARLY}.some((file) => file.endsWith('{kind}'))");
        browser.holds(&format!("a {kind} came by a hint"), &came).await?;
    }
    settled(&browser).await?;
    let all: Vec<String> = browser.ask(FETCHED).await?;
    let sent = files_sent(&shop.composer).await?;
    ensure!(all.len() as u64 == sent, "{sent} files for {all:?}");
    Ok(())
}

/// Waits until Chromium has had the time to complain of what it fetched in vain, and fails when it does.
async fn settled(browser: &Browser) -> Result<()> {
    browser.holds("the page is complete", COMPLETE).await?;
    browser
        .holds(
            "five seconds have gone since",
            "performance.now() - performance.timing.loadEventEnd + performance.timeOrigin > 5000",
        )
        .await?;
    let complaints = browser.console().await?.into_iter();
    let complaints: Vec<_> = complaints
        .filter(|entry| !entry.message.contains("favicon.ico"))
        .collect();
    ensure!(complaints.is_empty(), "{complaints:?}");
    Ok(())
}
