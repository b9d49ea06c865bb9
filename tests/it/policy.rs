//! What the composer lets run: its own scripts by a nonce, files by their integrity, nothing else.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use tests::{client::Reply, html::Page, shop::Shop, visit::PLAIN};

#[tokio::test]
async fn every_script_has_the_nonce_of_its_response() -> Result<()> {
    let shop = Shop::start().await?;
    let mut nonces = BTreeSet::new();
    for (name, path) in PLAIN {
        let reply = shop.get(path).send().await?;
        let nonce = nonce(&reply)?;
        let page = Page::parse(&reply.text());
        for script in page.all("script:not([data-props])")? {
            ensure!(
                script.attr("nonce") == Some(nonce.as_str()),
                "{name}: {}",
                script.html()
            );
        }
        ensure!(nonces.insert(nonce), "{name} has the nonce of another page");
    }
    Ok(())
}

fn nonce(reply: &Reply) -> Result<String> {
    let policy = reply.header("content-security-policy");
    ensure!(
        policy.contains("'strict-dynamic'") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.context("no nonce")?;
    ensure!(nonce.len() >= 22, "128 bits of randomness: {nonce}");
    Ok(nonce.to_owned())
}

#[tokio::test]
async fn no_page_needs_more_than_the_policy_allows() -> Result<()> {
    let shop = Shop::start().await?;
    for (name, path) in PLAIN {
        let page = Page::parse(&shop.get(path).send().await?.text());
        for forbidden in [
            "[style]",
            "style",
            "body script:not([data-props])",
            "[onclick]",
            "base",
            "a[href^='javascript:']",
        ] {
            ensure!(page.all(forbidden)?.is_empty(), "{name} has `{forbidden}`");
        }
        for file in page.all("link[rel=stylesheet], script[src]")? {
            ensure!(
                file.attr("integrity").is_some_and(|hash| hash.starts_with("sha384-")),
                "{name}: {}",
                file.html()
            );
        }
        for slot in page
            .slots()?
            .iter()
            .filter(|slot| !slot.attribute("data-wasm").is_empty())
        {
            ensure!(
                slot.attribute("data-wasm-integrity").starts_with("sha384-"),
                "{name}: {}",
                slot.fragment()
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn files_are_immutable_and_come_compressed() -> Result<()> {
    let shop = Shop::start().await?;
    let page = Page::parse(&shop.get("/product/AU-02").send().await?.text());
    let mut addresses = BTreeSet::new();
    for slot in page.slots()? {
        addresses.extend(["data-module", "data-wasm"].map(|name| slot.attribute(name).to_owned()));
    }
    for sheet in page.all("link[rel=stylesheet]")? {
        addresses.insert(sheet.attr("href").unwrap_or_default().to_owned());
    }
    addresses.remove("");
    ensure!(
        addresses.len() >= 10,
        "three modules, three WASMs, four sheets: {addresses:?}"
    );
    for address in &addresses {
        let reply = shop
            .get(address)
            .header("accept-encoding", "gzip, br;q=0.9, zstd;q=0.1")
            .send()
            .await?;
        ensure!(reply.status == 200, "{address}: {}", reply.status);
        ensure!(
            reply.header("cache-control").contains("immutable"),
            "{address}: {:?}",
            reply.headers
        );
        ensure!(
            !reply.header("content-encoding").is_empty(),
            "{address} is not compressed"
        );
        ensure!(
            reply.header("vary").to_ascii_lowercase().contains("accept-encoding"),
            "{address}: {:?}",
            reply.headers
        );
    }
    Ok(())
}
