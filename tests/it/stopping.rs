//! A stop under load: what has begun ends, whoever it belongs to, and the end comes on time.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{Method, header};
use tests::{
    bff, client,
    composer::Config,
    site::{self, Site},
    wait::{PATIENCE, until, within},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

const GATEWAY: &str = "/_m/app/app@1.0.0";

async fn site(drain_ms: u64) -> Result<Site> {
    let config = Config::default().line(&format!("log = \"error\"\n[limits]\ndrain_ms = {drain_ms}"));
    let site = Site::with(site::MANIFEST, config).await?;
    site.bff
        .on("/fragments/page", bff::late(Duration::from_millis(200), site::PAGE));
    Ok(site)
}

/// `/stream` sends a hundred bytes in two seconds, `/socket` says back what it hears.
fn stream_and_socket(bff: &bff::Bff) {
    bff.on(
        "/stream",
        vec![
            bff::send("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"),
            bff::Step::Repeat("5\r\nhello\r\n".into(), 20, Duration::from_millis(100)),
            bff::send("0\r\n\r\n"),
        ],
    );
    bff.on(
        "/socket",
        vec![
            bff::send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n"),
            bff::Step::Echo,
        ],
    );
}

#[tokio::test]
async fn under_load_nothing_that_has_begun_fails() -> Result<()> {
    let mut site = site(10_000).await?;
    stream_and_socket(&site.bff);
    let to = site.composer.address();
    // From now on it is known that the page isn't kept: nobody waits for another's to learn so.
    client::get(to, "/").send().await?;
    let pages = std::iter::repeat_with(|| tokio::spawn(async move { client::get(to, "/").open().await?.all().await }));
    let pages: Vec<_> = pages.take(100).collect();
    let mut slow = TcpStream::connect(to).await?;
    slow.write_all(b"GET / HTTP/1.1\r\nhost: loc").await?;
    let stream = client::get(to, &format!("{GATEWAY}/stream")).open().await?;
    let mut socket = TcpStream::connect(to).await?;
    let upgrade =
        format!("GET {GATEWAY}/socket HTTP/1.1\r\nhost: {to}\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    socket.write_all(upgrade.as_bytes()).await?;
    let head = read_until(&mut socket, "\r\n\r\n").await?;
    ensure!(head.starts_with("HTTP/1.1 101"), "{head}");
    // It and all of the hundred have been sent.
    while site
        .bff
        .heads()
        .iter()
        .filter(|head| head.contains("/fragments/page"))
        .count()
        < 101
    {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    site.composer.process.signal("TERM").await?;
    not_ready(&site).await?;
    for page in pages {
        let page = page.await??;
        ensure!(
            page.status == 200 && page.complete && page.text().ends_with("</html>\n"),
            "{page:?}"
        );
    }
    slow.write_all(b"alhost\r\n\r\n").await?;
    let page = read_until(&mut slow, "</html>").await?;
    ensure!(
        page.to_ascii_lowercase().contains("\r\nconnection: close\r\n"),
        "{page}"
    );
    socket.write_all(b"still here").await?;
    read_until(&mut socket, "still here").await?;
    let streamed = stream.all().await?;
    ensure!(
        streamed.complete && streamed.body.len() == 100,
        "{} of 100 bytes",
        streamed.body.len()
    );
    drop(socket);
    let status = site.composer.process.ended(PATIENCE).await?;
    ensure!(status.success(), "it ended with {status}");
    // What takes longest is the stream, two seconds; the limit is ten.
    let took = began.elapsed();
    ensure!(took < Duration::from_secs(5), "only what runs is waited for: {took:?}");
    Ok(())
}

#[tokio::test]
async fn what_never_ends_is_cut_at_the_limit() -> Result<()> {
    const DRAIN: Duration = Duration::from_millis(1_000);
    /// What the end itself takes beyond that, also of an unoptimised build on a machine that does much else.
    const END: Duration = Duration::from_millis(1_000);
    let mut site = site(1_000).await?;
    site.bff.on("/hang", vec![bff::Step::Hang]);
    let to = site.composer.address();
    let mut slow = TcpStream::connect(to).await?;
    slow.write_all(b"GET / HTTP/1.1\r\nhost: loc").await?;
    let hanging = tokio::spawn(async move { client::get(to, &format!("{GATEWAY}/hang")).send().await });
    let posted = client::call(Method::POST, to, "/_m/report").header(header::ORIGIN.as_str(), "null");
    drop(posted.send().await);
    while !site.bff.heads().iter().any(|head| head.contains("/hang")) {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    site.composer.process.signal("TERM").await?;
    site.composer.process.ended(PATIENCE).await?;
    let took = began.elapsed();
    ensure!((DRAIN..DRAIN + END).contains(&took), "{took:?}");
    ensure!(hanging.await?.is_err(), "it can't have been answered");
    Ok(())
}

#[tokio::test]
async fn a_stop_still_takes_connections_for_as_long_as_it_is_told_to() -> Result<()> {
    let config = Config::default().line("log = \"error\"\n[limits]\ndrain_ms = 20000\ndrain_delay_ms = 1500");
    let mut site = Site::with(site::MANIFEST, config).await?;
    let began = Instant::now();
    site.composer.process.signal("TERM").await?;
    not_ready(&site).await?;
    let page = site.composer.get("/").send().await?;
    ensure!(page.status == 200 && page.header("connection") == "close", "{page:?}");
    site.composer.process.ended(PATIENCE).await?;
    ensure!(began.elapsed() >= Duration::from_millis(1_400), "{:?}", began.elapsed());
    Ok(())
}

/// Waits until the composer says that it is about to stop.
async fn not_ready(site: &Site) -> Result<()> {
    until(PATIENCE, "the composer is not ready any more", async || {
        let ready = client::get(site.composer.admin(), "/readyz").send().await?;
        Ok((ready.status == 503).then_some(()))
    })
    .await
}

async fn read_until(stream: &mut TcpStream, wanted: &str) -> Result<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if text.contains(wanted) {
            return Ok(text);
        }
        let got = within(PATIENCE, wanted, stream.read_buf(&mut read)).await?;
        let got = got.with_context(|| format!("no `{wanted}` in `{text}`"))?;
        ensure!(got > 0, "the end, and no `{wanted}` in `{text}`");
    }
}
