//! When there are no files left, and when clients are slow: what waits costs nothing, and what ends is given back.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use tests::{
    client,
    composer::{Composer, Config},
    site::Site,
    wait::{PATIENCE, until, within},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

const SECOND: Duration = Duration::from_secs(1);

/// Processor time of a process, in hundredths of a second.
fn processor_time(id: u32) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, rest) = stat.rsplit_once(") ").context("no name")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let field = |at: usize| -> Result<u64> { Ok(fields.get(at).context("too few fields")?.parse()?) };
    Ok(field(11)? + field(12)?)
}

async fn number(composer: &Composer, name: &str) -> Result<f64> {
    let numbers = client::get(composer.admin(), "/metrics").send().await?.text();
    let line = numbers.lines().find_map(|line| line.strip_prefix(name));
    Ok(line.and_then(|value| value.trim().parse().ok()).unwrap_or_default())
}

#[tokio::test]
async fn without_files_a_composer_waits_without_spinning_and_recovers() -> Result<()> {
    let site = Site::with(tests::site::MANIFEST, Config::default().line("log = \"error\"")).await?;
    let id = site.composer.process.id();
    let open = std::fs::read_dir(format!("/proc/{id}/fd"))?.count();
    // The admin listener's connection, which has to stay, is open already.
    let mut admin = TcpStream::connect(site.composer.admin()).await?;
    health(&mut admin).await?;
    let limit = format!("--nofile={0}:{0}", open + 20);
    let limited = Command::new("prlimit")
        .args(["--pid", &id.to_string(), &limit])
        .status()?;
    ensure!(limited.success(), "the limit can't be set");
    let mut crowd = Vec::new();
    for _ in 0..60 {
        crowd.push(TcpStream::connect(site.composer.address()).await?);
    }
    let failures = "composer_accept_failures_total{listener=\"public\"}";
    until(PATIENCE, "files are wanted", async || {
        let told = metrics(&mut admin).await?;
        Ok(told.contains(failures).then_some(()))
    })
    .await?;
    let before = processor_time(id)?;
    sleep(2 * SECOND).await;
    let spent = processor_time(id)? - before;
    println!("{spent} hundredths of a second in two seconds of waiting");
    ensure!(spent < 20, "{spent} hundredths of a second in two seconds of waiting");
    health(&mut admin).await.context("health has to go on")?;
    drop(crowd);
    let began = Instant::now();
    until(PATIENCE, "pages are served again", async || {
        let page = tokio::time::timeout(SECOND, site.composer.get("/").send()).await;
        Ok(page
            .is_ok_and(|page| page.is_ok_and(|page| page.status == 200))
            .then_some(()))
    })
    .await?;
    println!("served again after {:?}", began.elapsed());
    ensure!(began.elapsed() < 5 * SECOND, "only after {:?}", began.elapsed());
    Ok(())
}

async fn health(admin: &mut TcpStream) -> Result<()> {
    let text = ask(admin, "/healthz").await?;
    ensure!(text.starts_with("HTTP/1.1 200"), "{text}");
    Ok(())
}

async fn metrics(admin: &mut TcpStream) -> Result<String> {
    ask(admin, "/metrics").await
}

/// Asks over a connection that is kept.
async fn ask(stream: &mut TcpStream, path: &str) -> Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.context("no length")?.parse()? {
                return Ok(text.into_owned());
            }
        }
        let got = within(PATIENCE, path, stream.read_buf(&mut read)).await??;
        ensure!(got > 0, "{path}: the connection ended");
    }
}

#[tokio::test]
async fn slow_clients_are_closed_on_time_and_others_never_notice() -> Result<()> {
    let config = Config::default()
        .line("log = \"error\"\n[limits]\nhead_ms = 500\nidle_ms = 700\nbody_stall_ms = 500\nwrite_stall_ms = 500");
    let site = Site::with(tests::site::MANIFEST, config).await?;
    site.bff.on(
        "/fragments/page",
        vec![
            tests::bff::head(),
            tests::bff::Step::Repeat("<p>much</p>".repeat(10_000).into(), 400, Duration::ZERO),
        ],
    );
    let host = "host: localhost\r\n";
    let mut slow = Vec::new();
    for said in [
        // Nothing, half a head, half a body, an idle connection.
        String::new(),
        format!("GET / HTTP/1.1\r\n{host}"),
        format!("POST /_m/report HTTP/1.1\r\n{host}content-length: 100\r\n\r\n{{"),
        format!("GET /favicon.ico HTTP/1.1\r\n{host}\r\n"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(site.composer.address()).await?;
            stream.write_all(said.as_bytes()).await?;
            slow.push((said.clone(), stream));
        }
    }
    // A reply that nobody reads.
    let mut unread = TcpStream::connect(site.composer.address()).await?;
    unread
        .write_all(format!("GET / HTTP/1.1\r\n{host}\r\n").as_bytes())
        .await?;
    let began = Instant::now();
    for (said, mut stream) in slow {
        let mut rest = Vec::new();
        let ended = within(
            PATIENCE,
            &format!("an end after {said:?}"),
            stream.read_to_end(&mut rest),
        )
        .await?;
        // A reset is an end too.
        drop(ended);
    }
    println!("all ended after {:?}", began.elapsed());
    ensure!(began.elapsed() < 3 * SECOND, "{:?}", began.elapsed());
    until(PATIENCE, "all are gone", async || {
        let open = number(&site.composer, "composer_connections_open{listener=\"public\"}").await?;
        Ok((open == 0.0).then_some(()))
    })
    .await?;
    drop(unread);
    let page = site.composer.get("/favicon.ico").send().await?;
    ensure!(page.status == 404, "others are served: {}", page.status);
    Ok(())
}
