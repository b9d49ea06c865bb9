//! Bytes go out as they come in.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use tests::{
    bff::{self, Step},
    html::Page,
    site::{self, Site},
};
use tokio::sync::Semaphore;

/// What waiting for a late fragment may add to the bytes before it.
const ALLOWED: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_late_fragment_does_not_hold_up_the_bytes_before_it() -> Result<()> {
    let manifest = site::MANIFEST
        .replace("deadline_ms = 500", "deadline_ms = 2000")
        .replace("1500", "3000");
    let site = Site::with(&manifest, tests::composer::Config::default()).await?;
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        let reply = site.composer.get("/").send().await?;
        fastest = fastest.min(reply.arrival("before the slot").context("the page before its slot")?);
    }
    let part = "<i id=\"part\">the part</i>";
    site.bff.on("/fragments/part", bff::late(Duration::from_secs(1), part));
    let reply = site.composer.get("/").send().await?;
    let before = reply.arrival("before the slot").context("the page before its slot")?;
    ensure!(
        before < fastest + ALLOWED,
        "the bytes before the late part took {before:?}, at best {fastest:?}"
    );
    let late = reply.arrival("the part").context("the late part")?;
    ensure!(late >= Duration::from_secs(1), "the late part came after {late:?}");
    ensure!(
        reply.took < Duration::from_millis(1_300),
        "the page took {:?}",
        reply.took
    );
    Page::parse(&reply.text()).whole(&site::LANDMARKS)
}

#[tokio::test]
async fn fragments_are_asked_for_at_once_and_not_one_after_another() -> Result<()> {
    let manifest = site::MANIFEST
        .replace(
            "includes = [\"app/part\"]",
            "includes = [\"app/part\"]\neager = [\"app/part\"]",
        )
        .replace("deadline_ms = 500", "deadline_ms = 2000")
        .replace("1500", "3000");
    let site = Site::with(&manifest, tests::composer::Config::default()).await?;
    site.bff
        .on("/fragments/page", bff::late(Duration::from_millis(600), site::PAGE));
    site.bff.on(
        "/fragments/part",
        bff::late(Duration::from_millis(600), "<i id=\"part\">the part</i>"),
    );
    let reply = site.composer.get("/").send().await?;
    ensure!(reply.text().contains("the part"), "the part is there");
    ensure!(
        reply.took < Duration::from_millis(900),
        "two parts of 600 ms took {:?}",
        reply.took
    );
    Ok(())
}

#[tokio::test]
async fn the_first_bytes_of_a_big_fragment_are_out_before_its_last_are_sent() -> Result<()> {
    let site = Site::start().await?;
    let gate = Arc::new(Semaphore::new(0));
    let line = "<p>a line of a long list of lines</p>\n";
    let half = line.repeat(450_000 / line.len());
    site.bff.on(
        "/fragments/part",
        vec![
            bff::head(),
            bff::send(format!("<i id=\"first\">first</i>{half}<i id=\"middle\">middle</i>")),
            Step::Gate(Arc::clone(&gate)),
            bff::send(format!("{half}<i id=\"last\">last</i>")),
        ],
    );
    let mut arriving = site.composer.get("/").open().await?;
    arriving.until("<i id=\"first\">").await?;
    arriving.until("<i id=\"middle\">").await?;
    gate.add_permits(1);
    let reply = arriving.all().await?;
    ensure!(
        reply.complete && reply.body.len() > 2 * half.len(),
        "{} bytes came",
        reply.body.len()
    );
    let page = Page::parse(&reply.text());
    page.whole(&site::LANDMARKS)?;
    ensure!(page.text("#last")? == "last", "the end of the list");
    Ok(())
}

#[tokio::test]
async fn a_client_that_reads_slowly_does_not_fill_the_composer() -> Result<()> {
    const AT_ONCE: usize = 24;
    let manifest = site::MANIFEST.replace("params = [\"q\"]", "params = [\"q\"]\nmax_body_bytes = 16777216");
    let manifest = manifest
        .replace("deadline_ms = 500", "deadline_ms = 5000")
        .replace("1500", "6000");
    let site = Site::with(&manifest, tests::composer::Config::default()).await?;
    ensure!(site.composer.get("/").send().await?.status == 200, "the page works");
    let before = site.composer.process.memory()?.resident;
    let big = "<p>a line of a long list of lines</p>\n".repeat(8 << 20 >> 5);
    site.bff.on("/fragments/part", bff::html(&big));
    let mut open = Vec::new();
    for _ in 0..AT_ONCE {
        let mut arriving = site.composer.get("/").open().await?;
        arriving.until("before the slot").await?;
        open.push(arriving);
    }
    // All of them have begun and none of them reads on: one more page gives the composer time to read ahead.
    site.bff.on("/fragments/part", bff::html(&big[..big.len() / 8]));
    let _ = site.composer.get("/").send().await?;
    let grown = site.composer.process.memory()?.peak.saturating_sub(before) >> 20;
    let all = (AT_ONCE * big.len()) >> 20;
    ensure!(
        grown < 64,
        "{AT_ONCE} slow readers of {all} MB made the composer grow by {grown} MB"
    );
    Ok(())
}
