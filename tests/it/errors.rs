//! Bad input gets a clear answer: pages for people, all breaches at once for operators, nothing of the inside.

use anyhow::{Result, ensure};
use http::Method;
use tests::{
    bff::{self, Step},
    client::{Reply, call},
    composer::pack,
    environment,
    html::Page,
    shop::Shop,
    site::{self, Site, write},
};
use tokio::process::Command;

/// What an error page never says.
const INSIDE: [&str; 8] = [
    "127.0.0.1",
    "panicked",
    "src/",
    "hyper",
    "os error",
    "fragments/page",
    "tokio",
    "backtrace",
];

fn is_a_page_for_people(reply: &Reply) -> Result<()> {
    let text = reply.text();
    let id = reply.header("x-request-id");
    ensure!(
        !id.is_empty() && text.contains(id),
        "{}: no request id in {text}",
        reply.status
    );
    ensure!(
        reply.header("content-type").starts_with("text/html"),
        "{}",
        reply.header("content-type")
    );
    for word in INSIDE {
        ensure!(!text.contains(word), "{}: the page says `{word}`: {text}", reply.status);
    }
    let page = Page::parse(&text);
    page.whole(&[])?;
    page.spotless()?;
    ensure!(
        page.all("h1")?.len() == 1 && page.all("title")?.len() == 1,
        "a title and a heading: {text}"
    );
    ensure!(page.all("html[lang]")?.len() == 1, "a language: {text}");
    ensure!(
        reply.header("content-security-policy").contains("default-src 'self'"),
        "no policy"
    );
    ensure!(
        reply.header("cache-control").contains("no-store"),
        "an error may be stored"
    );
    Ok(())
}

#[tokio::test]
async fn each_failure_has_a_page_for_people() -> Result<()> {
    let site = Site::start().await?;
    let address = site.composer.address();
    let reply = site.composer.get("/nowhere").send().await?;
    ensure!(reply.status == 404, "{}", reply.status);
    is_a_page_for_people(&reply)?;
    let reply = call(Method::POST, address, "/").send().await?;
    ensure!(
        reply.status == 405 && reply.header("allow").contains("GET"),
        "{} {}",
        reply.status,
        reply.header("allow")
    );
    is_a_page_for_people(&reply)?;
    for (status, behaviour) in [
        (502, vec![bff::send("not HTTP at all\r\n\r\n")]),
        (504, vec![Step::Hang]),
    ] {
        site.bff.on("/fragments/page", behaviour);
        let reply = site.composer.get("/").send().await?;
        ensure!(reply.status == status, "{} instead of {status}", reply.status);
        is_a_page_for_people(&reply)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_missing_bff_is_a_page_for_people() -> Result<()> {
    let mut shop = Shop::start().await?;
    shop.bff("checkout")?.process.kill().await?;
    let reply = shop.get("/checkout/cart").send().await?;
    ensure!(matches!(reply.status.as_u16(), 502 | 503), "{}", reply.status);
    is_a_page_for_people(&reply)
}

#[tokio::test]
async fn what_http_forbids_is_refused() -> Result<()> {
    let site = Site::start().await?;
    for path in [
        "/%ff",
        "/a%00b",
        "/%2e%2e/x",
        "//evil.example/",
        "/a/../b",
        "/a%2fb",
        "/%c0%ae",
    ] {
        let reply = site.composer.get(path).send().await?;
        let stays = reply.status.is_redirection()
            && reply.header("location").starts_with('/')
            && !reply.header("location").starts_with("//");
        ensure!(
            reply.status.is_client_error() || stays,
            "{path}: {} {}",
            reply.status,
            reply.header("location")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_manifest_tells_all_its_breaches_at_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let manifest = site::MANIFEST
        .replace("name = \"app\"", "name = \"App!\"\ncolour = \"red\"")
        .replace("version = \"1.0.0\"", "version = \"one\"")
        .replace("role = \"optional\"", "role = \"sometimes\"")
        .replace("layouts/plain.html", "../plain.html");
    write(folder.path(), "marquetry.toml", &manifest)?;
    let told = pack(folder.path(), None, &folder.path().join("out"))
        .await
        .unwrap_err()
        .to_string();
    for part in [
        "App!",
        "colour",
        "one",
        "sometimes",
        "../plain.html",
        "marquetry.toml:3",
        "marquetry.toml:4",
    ] {
        ensure!(told.contains(part), "nothing of `{part}` in:\n{told}");
    }
    ensure!(!folder.path().join("out").exists(), "a broken app was packed");
    Ok(())
}

#[tokio::test]
async fn a_configuration_tells_all_its_breaches_at_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = "listen = \"nowhere\"\ncolour = \"red\"\n[[apps]]\ndir = \"missing\"\norigins = [\"ftp://x\"]\n";
    write(folder.path(), "composer.toml", config)?;
    let serve = Command::new(environment::program("marquetry")?)
        .arg("serve")
        .arg("--config")
        .arg(folder.path().join("composer.toml"))
        .output()
        .await?;
    let told = String::from_utf8_lossy(&serve.stderr);
    ensure!(!serve.status.success(), "it started: {told}");
    for part in ["composer.toml:1", "composer.toml:2", "nowhere", "colour", "ftp://x"] {
        ensure!(told.contains(part), "nothing of `{part}` in:\n{told}");
    }
    ensure!(!told.contains("panicked"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_packed_app_that_was_changed_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (source, out) = (folder.path().join("source"), folder.path().join("out"));
    write(&source, "marquetry.toml", site::MANIFEST)?;
    pack(&source, None, &out).await.unwrap_err();
    ensure!(!out.exists(), "an app without its layout was packed");
    write(&source, "layouts/plain.html", site::LAYOUT)?;
    pack(&source, None, &out).await?;
    Ok(())
}
