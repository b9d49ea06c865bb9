//! Pages whose parts are kept: what visitors get, what BFFs are asked, and what ends it.

use anyhow::{Result, ensure};
use http::Method;
use tests::{
    bff,
    client::{Reply, call},
    composer::Config,
    html::Page,
    site::{self, Site},
};

const PART: &str =
    "content-type: text/html\r\ncdn-cache-control: max-age=600, stale-if-error=600\r\ncache-tag: part\r\n";

/// How often the BFF was asked for `path`.
fn asked(site: &Site, path: &str) -> usize {
    let line = format!("GET {path}");
    site.bff.heads().iter().filter(|head| head.starts_with(&line)).count()
}

async fn page(site: &Site, lines: &[(&str, &str)]) -> Result<String> {
    let request = lines.iter().fold(site.composer.get("/"), |request, (name, value)| {
        request.header(name, value)
    });
    let reply = request.send().await?;
    ensure!(reply.status == 200, "{}", reply.status);
    Page::parse(&reply.text()).whole(&site::LANDMARKS)?;
    Ok(reply.text())
}

fn says(site: &Site, headers: &str, body: &str) {
    site.bff.on("/fragments/part", bff::reply("200 OK", headers, body));
}

async fn post(site: &Site, path: &str) -> Result<Reply> {
    let path = format!("/_m/app/app@1.0.0{path}");
    call(Method::POST, site.composer.address(), &path).send().await
}

#[tokio::test]
async fn a_kept_part_is_asked_for_once_and_the_rest_each_time() -> Result<()> {
    let site = Site::start().await?;
    says(&site, PART, "<i>kept</i>");
    for _ in 0..5 {
        ensure!(page(&site, &[]).await?.contains("<i>kept</i>"), "it is shown");
    }
    ensure!(
        asked(&site, "/fragments/part") == 1,
        "{}",
        asked(&site, "/fragments/part")
    );
    ensure!(
        asked(&site, "/fragments/page") == 5,
        "{}",
        asked(&site, "/fragments/page")
    );
    // A visitor can't make the composer ask.
    page(&site, &[("cache-control", "no-cache"), ("pragma", "no-cache")]).await?;
    ensure!(asked(&site, "/fragments/part") == 1, "a reload asks nobody");
    Ok(())
}

#[tokio::test]
async fn no_visitor_sees_what_was_made_for_another() -> Result<()> {
    let site = Site::start().await?;
    for (visitor, says_to) in [
        ("mine=1", "<i>to one</i>"),
        ("mine=2", "<i>to two</i>"),
        ("", "<i>to all</i>"),
    ] {
        says(&site, PART, says_to);
        let cookie: &[(&str, &str)] = if visitor.is_empty() {
            &[]
        } else {
            &[("cookie", visitor)]
        };
        ensure!(page(&site, cookie).await?.contains(says_to), "{visitor}");
    }
    says(&site, PART, "<i>too late</i>");
    for (visitor, says_to) in [
        ("mine=1", "to one"),
        ("other=9; mine=2", "to two"),
        ("other=1", "to all"),
    ] {
        let text = page(&site, &[("cookie", visitor)]).await?;
        ensure!(text.contains(says_to), "{visitor}: {text}");
    }
    for private in ["set-cookie: mine=3\r\n", "cache-control: private, max-age=60\r\n"] {
        let site = Site::start().await?;
        let lines = format!("content-type: text/html\r\ncache-control: max-age=60\r\n{private}");
        says(&site, &lines, "<i>one's own</i>");
        page(&site, &[]).await?;
        says(&site, &lines, "<i>another's</i>");
        ensure!(page(&site, &[]).await?.contains("another's"), "{private}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_form_changes_is_seen_by_the_next_page() -> Result<()> {
    let site = Site::start().await?;
    says(&site, PART, "<i>before</i>");
    page(&site, &[]).await?;
    let redirect = bff::reply("303 See Other", "location: /\r\nmarquetry-purge: other\r\n", "");
    site.bff.on("/change", redirect);
    says(&site, PART, "<i>after</i>");
    post(&site, "/change").await?;
    ensure!(page(&site, &[]).await?.contains("before"), "another tag, another path");
    site.bff
        .on("/change", bff::reply("200 OK", "marquetry-purge: x, part\r\n", "ok"));
    let reply = post(&site, "/change").await?;
    ensure!(
        reply.header("marquetry-purge").is_empty(),
        "it is for the composer alone"
    );
    ensure!(page(&site, &[]).await?.contains("after"), "the tag was purged");
    // An unsafe method at the fragment's own path, too, as long as it succeeds.
    for (status, shown) in [("500 No", "after"), ("204 Done", "changed")] {
        site.bff.on("/fragments/part", bff::reply(status, "", ""));
        post(&site, "/fragments/part").await?;
        says(&site, PART, "<i>changed</i>");
        ensure!(page(&site, &[]).await?.contains(shown), "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bff_that_fails_is_stood_in_for_by_what_it_said_last() -> Result<()> {
    let site = Site::start().await?;
    let lines = "content-type: text/html\r\ncdn-cache-control: max-age=0, stale-if-error=600\r\n";
    says(&site, lines, "<i>last words</i>");
    page(&site, &[]).await?;
    for broken in ["500 No", "503 No", "999 Odd"] {
        site.bff.on("/fragments/part", bff::reply(broken, "", ""));
        ensure!(page(&site, &[]).await?.contains("last words"), "{broken}");
    }
    Ok(())
}

#[tokio::test]
async fn without_memory_nothing_is_kept() -> Result<()> {
    let config = Config::default().tables("[cache]\nbytes = 0\n");
    let site = Site::with(site::MANIFEST, config).await?;
    says(&site, PART, "<i>never kept</i>");
    for _ in 0..3 {
        page(&site, &[]).await?;
    }
    ensure!(
        asked(&site, "/fragments/part") == 3,
        "{}",
        asked(&site, "/fragments/part")
    );
    Ok(())
}
