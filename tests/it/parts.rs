//! What a tab gets that goes on softly: the part of a page that it doesn't have, and where redirects lead.

use anyhow::{Result, ensure};
use http::Method;
use tests::{bff, client, shop::Shop, site::Site};

#[tokio::test]
async fn what_a_tab_keeps_is_neither_fetched_nor_sent() -> Result<()> {
    let shop = Shop::start().await?;
    let whole = shop.get("/stores").send().await?;
    let frame = frame_in(&whole.text())?;
    let part = shop
        .get("/_m/page/stores")
        .header("marquetry-frame", &frame)
        .header("marquetry-keeps", "1.0.0:explore/header 1.0.0:explore/footer")
        .send()
        .await?;
    let text = part.text();
    ensure!(part.status == 200 && part.header("marquetry-frame") == frame, "{text}");
    ensure!(text.matches("data-state=\"kept\"").count() == 2, "{text}");
    ensure!(
        !text.contains("checkout/mini-cart") && !text.contains("<main"),
        "{text}"
    );
    ensure!(
        text.contains("<title>") && text.contains("data-fragment=\"explore/stores\""),
        "{text}"
    );
    let timing = part.header("server-timing");
    ensure!(!timing.contains("header") && !timing.contains("footer"), "{timing}");
    ensure!(part.header("cache-control") == "no-store", "{:?}", part.headers);
    let policy = part.header("content-security-policy");
    ensure!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );

    for keeps in [
        "1.0.1:explore/header 1.0.0:explore/footer?x=1",
        "1.0.0:checkout/mini-cart",
        &"1.0.0:explore/header ".repeat(300),
    ] {
        let all = shop
            .get("/_m/page/stores")
            .header("marquetry-keeps", keeps)
            .send()
            .await?;
        ensure!(!all.text().contains("data-state=\"kept\""), "{keeps}: {}", all.text());
    }
    Ok(())
}

#[tokio::test]
async fn a_part_is_for_the_shell_and_of_one_frame() -> Result<()> {
    let shop = Shop::start().await?;
    let shown = shop
        .get("/_m/page/stores?a=b")
        .header("sec-fetch-mode", "navigate")
        .send()
        .await?;
    ensure!(
        shown.status == 303 && shown.header("location") == "/stores?a=b",
        "{:?}",
        shown.headers
    );
    let home = shop.get("/_m/page").header("sec-fetch-mode", "navigate").send().await?;
    ensure!(home.header("location") == "/", "{:?}", home.headers);

    let other = shop
        .get("/_m/page/stores")
        .header("marquetry-frame", "0")
        .send()
        .await?;
    ensure!(
        other.status == 409 && other.text().contains("/_m/problems/other-frame"),
        "{}",
        other.text()
    );
    ensure!(other.header("marquetry-frame").is_empty(), "{:?}", other.headers);

    for path in [
        "/_m/page/nowhere",
        "/_m/page/_m/console",
        "/_m/page/_m/page/stores",
        "/_m/page/_m",
    ] {
        let reply = shop.get(path).send().await?;
        ensure!(
            reply.status == 404 && reply.header("marquetry-frame").is_empty(),
            "{path}: {}",
            reply.status
        );
    }
    let posted = client::call(Method::POST, shop.composer.address(), "/_m/page/stores")
        .send()
        .await?;
    ensure!(posted.status == 405, "{}", posted.status);
    Ok(())
}

#[tokio::test]
async fn who_wants_to_be_told_of_a_redirect_is_told() -> Result<()> {
    let site = Site::start().await?;
    let post = |path: &str| {
        client::call(
            Method::POST,
            site.composer.address(),
            &format!("/_m/app/app@1.0.0{path}"),
        )
    };
    for (status, told) in [
        ("301 Moved Permanently", true),
        ("302 Found", true),
        ("303 See Other", true),
        ("307 Temporary Redirect", false),
        ("308 Permanent Redirect", false),
        ("200 OK", false),
    ] {
        let headers = "location: /?q=1#end\r\nset-cookie: mine=1\r\ncontent-type: text/plain\r\n";
        site.bff.on("/send", bff::reply(status, headers, "text"));
        let reply = post("/send").header("marquetry-redirect", "tell").send().await?;
        let to = if told { "/?q=1#end" } else { "" };
        ensure!(
            reply.header("marquetry-location") == to,
            "{status}: {:?}",
            reply.headers
        );
        ensure!((reply.status == 204) == told, "{status}: {}", reply.status);
        ensure!(reply.header("set-cookie") == "mine=1", "{status}: {:?}", reply.headers);
        let untold = post("/send").send().await?;
        ensure!(
            untold.header("marquetry-location").is_empty(),
            "{status}: {:?}",
            untold.headers
        );
    }
    let away = bff::reply("303 See Other", "location: https://evil.example/\r\n", "");
    site.bff.on("/send", away);
    let reply = post("/send").header("marquetry-redirect", "tell").send().await?;
    ensure!(reply.status == 502, "{}", reply.status);

    site.bff.on(
        "/fragments/page",
        bff::reply("302 Found", "location: /?q=2#end\r\n", ""),
    );
    let part = site.composer.get("/_m/page").send().await?;
    ensure!(
        part.status == 204 && part.header("marquetry-location") == "/?q=2#end",
        "{:?}",
        part.headers
    );
    Ok(())
}

/// The frame of a page, as its loader's tag says it.
fn frame_in(html: &str) -> Result<String> {
    let frame = html
        .split_once("data-frame=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    match frame {
        Some((frame, _)) => Ok(frame.to_owned()),
        None => anyhow::bail!("no frame in {html}"),
    }
}
