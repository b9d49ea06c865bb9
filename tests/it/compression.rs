//! Pages go out compressed, say the same as uncompressed ones, and stream as they do.

use std::{io::Read, sync::Arc};

use anyhow::{Context, Result, ensure};
use tests::{
    bff::{self, Step},
    browser::Browser,
    client::Reply,
    composer::Config,
    html::Page,
    shop::Shop,
    site::{self, Site},
};
use tokio::{process::Command, sync::Semaphore};

/// Each coding, and a browser's or program's headers that bring it.
const CODINGS: [(&str, &str); 3] = [("zstd", "zstd"), ("br", "br"), ("gzip", "gzip")];

#[tokio::test]
async fn a_page_says_the_same_in_every_coding() -> Result<()> {
    let shop = Shop::start().await?;
    for path in ["/", "/products", "/product/CL-01", "/_m/fragment/explore/header"] {
        let plain = shop.get(path).send().await?;
        ensure!(
            !plain.headers.contains_key("content-encoding"),
            "{path} was not asked for compressed"
        );
        let text = constant(&plain, &plain.text())?;
        for (name, accepted) in CODINGS {
            let coded = shop.get(path).header("accept-encoding", accepted).send().await?;
            ensure!(
                coded.complete && coded.header("content-encoding") == name,
                "{path} {name}: {:?}",
                coded.headers
            );
            ensure!(
                coded
                    .headers
                    .get_all("vary")
                    .iter()
                    .any(|value| value == "accept-encoding"),
                "{path} {name} says what it depends upon"
            );
            ensure!(
                coded.body.len() * 2 < plain.body.len() || plain.body.len() < 3_000,
                "{path} {name}: {}",
                coded.body.len()
            );
            let decoded = String::from_utf8(beginning(name, &coded.body))?;
            ensure!(
                constant(&coded, &decoded)? == text,
                "{path} in {name} says something else:\n{decoded}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_part_can_be_decoded_when_it_would_have_come_uncompressed() -> Result<()> {
    for (name, accepted) in CODINGS {
        let manifest = site::MANIFEST
            .replace("deadline_ms = 500", "deadline_ms = 20000")
            .replace("1500", "30000");
        let site = Site::with(&manifest, Config::default()).await?;
        let gate = Arc::new(Semaphore::new(0));
        site.bff.on(
            "/fragments/part",
            vec![
                bff::head(),
                bff::send("<i id=\"first\">first</i>"),
                Step::Gate(Arc::clone(&gate)),
                bff::send("<i id=\"last\">last</i>"),
            ],
        );
        let mut arriving = site
            .composer
            .get("/")
            .header("accept-encoding", accepted)
            .open()
            .await?;
        // All of this comes while the part is still open.
        loop {
            ensure!(arriving.piece().await?, "{name}: the page ended before its part did");
            let text = String::from_utf8(beginning(name, arriving.read()))?;
            ensure!(!text.contains("last"), "{name}: nobody has sent that");
            if text.contains("before the slot") && text.contains("<i id=\"first\">first</i>") {
                break;
            }
        }
        gate.add_permits(1);
        let reply = arriving.all().await?;
        ensure!(reply.complete, "{name}: the page is whole");
        let page = Page::parse(&String::from_utf8(beginning(name, &reply.body))?);
        page.whole(&site::LANDMARKS)?;
        ensure!(page.text("#last")? == "last", "{name}: the end of the part");
    }
    Ok(())
}

#[tokio::test]
async fn kept_parts_and_whole_kept_pages_say_the_same_in_every_coding() -> Result<()> {
    let site = Site::start().await?;
    let long = "<p>a line of a long list of lines</p>\n".repeat(600);
    let page = format!("{}{long}", site::PAGE);
    let kept = "content-type: text/html\r\ncache-control: max-age=600\r\n";
    let live = "content-type: text/html\r\ncache-control: no-store\r\n";
    for part in [live, kept] {
        site.bff.on("/fragments/page", bff::reply("200 OK", kept, &page));
        site.bff.on(
            "/fragments/part",
            bff::reply("200 OK", part, "<i id=\"part\">the part</i>"),
        );
        let plain = site.composer.get("/").send().await?;
        let text = constant(&plain, &plain.text())?;
        ensure!(text.contains("the part") && text.len() > long.len(), "the page: {text}");
        for (name, accepted) in CODINGS {
            // The first compresses what is kept, the second uses what the first has made.
            for _ in 0..2 {
                let coded = site
                    .composer
                    .get("/")
                    .header("accept-encoding", accepted)
                    .send()
                    .await?;
                ensure!(coded.header("content-encoding") == name, "{name}: {:?}", coded.headers);
                ensure!(coded.body.len() < 4_000, "{name}: {} bytes", coded.body.len());
                let decoded = String::from_utf8(beginning(name, &coded.body))?;
                ensure!(
                    constant(&coded, &decoded)? == text,
                    "{name} says something else:\n{decoded}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn megabytes_say_the_same_in_every_coding() -> Result<()> {
    let manifest = site::MANIFEST
        .replace("params = [\"q\"]", "params = [\"q\"]\nmax_body_bytes = 16777216")
        .replace("deadline_ms = 500", "deadline_ms = 20000")
        .replace("1500", "30000");
    let site = Site::with(&manifest, Config::default()).await?;
    let lines: String = (0..100_000)
        .map(|n| format!("<p>line {n} of a long list</p>\n"))
        .collect();
    let kept = "content-type: text/html\r\ncache-control: max-age=600\r\n";
    site.bff.on("/fragments/part", bff::reply("200 OK", kept, &lines));
    // The first comes from the BFF, the others from the cache.
    for (name, accepted) in [CODINGS, CODINGS].concat() {
        let coded = site
            .composer
            .get("/")
            .header("accept-encoding", accepted)
            .send()
            .await?;
        ensure!(
            coded.complete && coded.header("content-encoding") == name,
            "{name}: {:?}",
            coded.headers
        );
        let decoded = String::from_utf8(beginning(name, &coded.body))?;
        ensure!(decoded.contains(&lines), "{name}: {} bytes", decoded.len());
        Page::parse(&decoded).whole(&site::LANDMARKS)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_has_no_page_in_it_is_not_compressed() -> Result<()> {
    let site = Site::start().await?;
    site.bff.on(
        "/fragments/page",
        bff::reply("303 See Other", "location: /elsewhere\r\n", ""),
    );
    let moved = site.composer.get("/").header("accept-encoding", "gzip").send().await?;
    ensure!(
        moved.status == 303 && !moved.headers.contains_key("content-encoding"),
        "{:?}",
        moved.headers
    );
    ensure!(moved.body.is_empty(), "a redirect is empty");
    let uncompressed = Site::with(site::MANIFEST, Config::default().line("[pages]\ncompress = false")).await?;
    let page = uncompressed
        .composer
        .get("/")
        .header("accept-encoding", "gzip")
        .send()
        .await?;
    ensure!(
        page.status == 200 && !page.headers.contains_key("content-encoding"),
        "{:?}",
        page.headers
    );
    ensure!(
        !page.headers.contains_key("vary"),
        "it depends on nothing: {:?}",
        page.headers
    );
    Ok(())
}

#[tokio::test]
async fn a_page_that_another_site_asks_for_without_a_click_is_not_compressed() -> Result<()> {
    let site = Site::start().await?;
    let asked = || {
        let call = site.composer.get("/").header("accept-encoding", "gzip, br");
        call.header("sec-fetch-site", "cross-site")
    };
    let made = asked().send().await?;
    ensure!(
        made.status == 200 && !made.headers.contains_key("content-encoding"),
        "{:?}",
        made.headers
    );
    let clicked = asked().header("sec-fetch-user", "?1").send().await?;
    ensure!(clicked.header("content-encoding") == "br", "{:?}", clicked.headers);
    Ok(())
}

#[tokio::test]
async fn curl_reads_every_coding() -> Result<()> {
    let shop = Shop::start().await?;
    let plain = curl(&shop.url("/"), "identity").await?;
    for (name, accepted) in CODINGS {
        let text = curl(&shop.url("/"), accepted).await?;
        ensure!(
            text.len() == plain.len(),
            "{name}: {} bytes instead of {}",
            text.len(),
            plain.len()
        );
        Page::parse(&text).whole(&tests::shop::LANDMARKS)?;
    }
    Ok(())
}

#[tokio::test]
async fn chromium_shows_every_coding() -> Result<()> {
    let shop = Shop::start().await?;
    let browser = Browser::start().await?;
    for (name, accepted) in CODINGS {
        browser.accepts(accepted).await?;
        browser.go(&shop.url("/")).await?;
        ensure!(browser.count("footer").await? > 0, "{name}: the page came to its end");
        let (coding, sent, text): (String, u64, u64) = browser
            .ask("(n => [n.contentEncoding, n.encodedBodySize, n.decodedBodySize])(performance.getEntriesByType('navigation')[0])")
            .await?;
        ensure!(
            coding == name && sent * 2 < text,
            "{name}: {coding}, {sent} bytes of {text}"
        );
        browser.quiet().await?;
    }
    Ok(())
}

#[tokio::test]
async fn chromium_shows_stitched_pages() -> Result<()> {
    let site = Site::start().await?;
    let long = "<p>a line of a long list of lines</p>\n".repeat(600);
    let kept = "content-type: text/html\r\ncache-control: max-age=600\r\n";
    let live = "content-type: text/html\r\ncache-control: no-store\r\n";
    let page = format!("{}{long}", site::PAGE);
    site.bff.on("/fragments/page", bff::reply("200 OK", kept, &page));
    let browser = Browser::start().await?;
    // First a page of which the long part is copied, then one that is copied but for its nonce.
    for part in [live, kept] {
        let part = bff::reply("200 OK", part, "<i id=\"part\">the part</i>");
        site.bff.on("/fragments/part", part);
        for (name, accepted) in [CODINGS, CODINGS].concat() {
            browser.accepts(accepted).await?;
            browser.go(&site.composer.url("/")).await?;
            browser.reads("#part", "the part").await?;
            browser.reads("#bottom", "bottom").await?;
            ensure!(browser.count("main p").await? == 602, "{name}: every line is there");
            let coding: String = browser
                .ask("performance.getEntriesByType('navigation')[0].contentEncoding")
                .await?;
            ensure!(coding == name, "{name}: got {coding}");
        }
    }
    Ok(())
}

async fn curl(url: &str, accepted: &str) -> Result<String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail", "--compressed", "--header"]);
    command.arg(format!("accept-encoding: {accepted}")).arg(url);
    let output = command.output().await.context("curl isn't installed")?;
    ensure!(
        output.status.success(),
        "{accepted}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Decodes as much as the beginning of a body gives.
fn beginning(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // Each gives what there is before it tells that the rest is missing.
    let _ = match coding {
        "zstd" => zstd::Decoder::new(body).and_then(|mut decoder| decoder.read_to_end(&mut out)),
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut out),
        _ => flate2::read::GzDecoder::new(body).read_to_end(&mut out),
    };
    out
}

/// The text without what differs from reply to reply.
fn constant(reply: &Reply, text: &str) -> Result<String> {
    let id = reply.header("x-request-id");
    let policy = reply.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    ensure!(!id.is_empty(), "no request id in {:?}", reply.headers);
    Ok(text.replace(id, "ID").replace(nonce.unwrap_or(id), "NONCE"))
}
