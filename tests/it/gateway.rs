//! `/_m/app/<app>@<version>/…`: from the browser to that version's BFF and back, whatever HTTP carries.

use std::sync::Arc;

use anyhow::{Result, ensure};
use http::Method;
use tests::{
    bff::{self, Step},
    client::{Call, call},
    site::Site,
    wait::{PATIENCE, within},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};

const ECHO: &str = "/_m/app/app@1.0.0/api/echo";

/// Method, headers, and the status they get.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

fn to(site: &Site, method: Method, path: &str) -> Call {
    call(method, site.composer.address(), path)
}

#[tokio::test]
async fn every_method_reaches_the_bff_with_its_query_and_body() -> Result<()> {
    let site = Site::start().await?;
    site.bff.on("/api/echo", vec![Step::Mirror]);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"] {
        let sent = to(&site, method.parse()?, &format!("{ECHO}?a=1&a=%20b"));
        let sent = if method == "GET" {
            sent
        } else {
            sent.body("application/json", "{\"x\":1}")
        };
        let reply = sent.send().await?;
        let text = reply.text();
        ensure!(reply.status == 200, "{method}: {} {text}", reply.status);
        ensure!(
            text.starts_with(&format!("{method} /api/echo?a=1&a=%20b HTTP/1.1\r\n")),
            "{method} became {text}"
        );
        ensure!(
            method == "GET" || text.contains("{\"x\":1}"),
            "the body of {method} is lost: {text}"
        );
        ensure!(
            text.to_ascii_lowercase()
                .contains("marquetry-base: /_m/app/app@1.0.0\r\n"),
            "no base in {text}"
        );
        ensure!(
            text.to_ascii_lowercase().contains("traceparent: 00-"),
            "no trace in {text}"
        );
    }
    let head = to(&site, Method::HEAD, ECHO).send().await?;
    ensure!(head.status == 200 && head.body.is_empty(), "HEAD: {}", head.status);
    Ok(())
}

#[tokio::test]
async fn a_version_that_is_not_live_is_gone() -> Result<()> {
    let site = Site::start().await?;
    site.bff.on("/api/echo", vec![Step::Mirror]);
    for path in ["/_m/app/app@1.0.1/api/echo", "/_m/app/app@0.9.0/api/echo"] {
        let reply = to(&site, Method::GET, path).send().await?;
        ensure!(reply.status == 410, "{path}: {}", reply.status);
    }
    for path in [
        "/_m/app/app/api/echo",
        "/_m/app/app@/api/echo",
        "/_m/app/app@1/x",
        "/_m/app/@1.0.0/x",
        "/_m/app/",
    ] {
        let reply = to(&site, Method::GET, path).send().await?;
        ensure!(reply.status.is_client_error(), "{path}: {}", reply.status);
    }
    ensure!(site.bff.heads().is_empty(), "the BFF was asked: {:?}", site.bff.heads());
    Ok(())
}

#[tokio::test]
async fn another_site_may_read_but_not_act() -> Result<()> {
    let site = Site::start().await?;
    site.bff.on("/api/echo", vec![Step::Mirror]);
    let own = format!("http://{}", site.composer.address());
    let cases: [Case<'_>; 9] = [
        ("POST", &[("sec-fetch-site", "cross-site")], 403),
        ("POST", &[("sec-fetch-site", "same-site")], 403),
        ("DELETE", &[("sec-fetch-site", "cross-site")], 403),
        ("POST", &[("origin", "https://evil.example")], 403),
        ("POST", &[("origin", "null")], 403),
        ("POST", &[("sec-fetch-site", "same-origin"), ("origin", &own)], 200),
        ("POST", &[("origin", &own)], 200),
        ("POST", &[], 200),
        ("GET", &[("sec-fetch-site", "cross-site")], 200),
    ];
    for (method, headers, status) in cases {
        let start = to(&site, method.parse()?, ECHO);
        let sent = headers
            .iter()
            .fold(start, |sent, (name, value)| sent.header(name, value));
        let reply = sent.send().await?;
        ensure!(
            reply.status == status,
            "{method} with {headers:?}: {} instead of {status}",
            reply.status
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_app_sees_and_sets_its_own_cookies_only() -> Result<()> {
    let site = Site::start().await?;
    let set = "set-cookie: mine=2; Path=/; HttpOnly\r\nset-cookie: theirs=3; Path=/\r\nset-cookie: mine=4; Domain=evil.example\r\n";
    site.bff.on("/api/echo", bff::reply("200 OK", set, "done"));
    let cookies = "theirs=1; mine=abc; other=\"x; y\"; mine2=no";
    let reply = to(&site, Method::GET, ECHO).header("cookie", cookies).send().await?;
    let got = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let got: Vec<_> = got.collect();
    ensure!(
        got.iter()
            .all(|cookie| cookie.starts_with("mine=") && !cookie.contains("omain")),
        "set were {got:?}"
    );
    ensure!(!got.is_empty(), "none was set");
    let heads = site.bff.heads();
    let sent: Vec<_> = heads[0]
        .lines()
        .filter(|line| line.to_ascii_lowercase().starts_with("cookie:"))
        .collect();
    ensure!(
        sent.len() == 1 && sent[0].ends_with(": mine=abc"),
        "the BFF saw {sent:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_client_cannot_speak_for_the_composer() -> Result<()> {
    let site = Site::start().await?;
    site.bff.on("/api/echo", vec![Step::Mirror]);
    let sent = to(&site, Method::GET, ECHO)
        .header("marquetry-base", "/_m/app/evil@1.0.0")
        .header("marquetry-slot", "evil/one")
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-forwarded-host", "evil.example")
        .header("authorization", "Bearer secret")
        .header("connection", "x-hop")
        .header("x-hop", "hop");
    let text = sent.send().await?.text().to_ascii_lowercase();
    for never in ["evil", "6.6.6.6", "secret", "x-hop"] {
        ensure!(!text.contains(never), "the BFF saw `{never}`: {text}");
    }
    ensure!(
        text.contains("x-forwarded-for: 127.0.0.1\r\n"),
        "no client address: {text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_redirect_stays_on_the_site() -> Result<()> {
    let site = Site::start().await?;
    for (location, status) in [
        ("/thanks?order=1", 303),
        ("https://evil.example/", 502),
        ("//evil.example/", 502),
        ("/\\evil.example", 502),
        ("javascript:alert(1)", 502),
    ] {
        site.bff.on(
            "/api/echo",
            bff::reply("303 See Other", &format!("location: {location}\r\n"), ""),
        );
        let reply = to(&site, Method::POST, ECHO).send().await?;
        ensure!(
            reply.status == status,
            "{location}: {} instead of {status}",
            reply.status
        );
        ensure!(
            !reply.header("location").contains("evil"),
            "it leads to {}",
            reply.header("location")
        );
    }
    Ok(())
}

#[tokio::test]
async fn events_arrive_one_by_one() -> Result<()> {
    let site = Site::start().await?;
    let gate = Arc::new(Semaphore::new(0));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\r\n";
    site.bff.on(
        "/api/events",
        vec![
            bff::send(head),
            bff::send("data: one\n\n"),
            Step::Gate(Arc::clone(&gate)),
            bff::send("data: two\n\n"),
            Step::Gate(Arc::clone(&gate)),
        ],
    );
    let mut arriving = to(&site, Method::GET, "/_m/app/app@1.0.0/api/events").open().await?;
    ensure!(
        arriving.headers["content-type"] == "text/event-stream",
        "{:?}",
        arriving.headers
    );
    arriving.until("data: one\n\n").await?;
    ensure!(
        !String::from_utf8_lossy(arriving.read()).contains("two"),
        "the second event came too early"
    );
    gate.add_permits(1);
    arriving.until("data: two\n\n").await?;
    gate.add_permits(1);
    ensure!(arriving.all().await?.complete, "the stream ends as it should");
    Ok(())
}

#[tokio::test]
async fn a_websocket_goes_both_ways() -> Result<()> {
    let site = Site::start().await?;
    // The key and its answer are the example of RFC 6455 §1.3.
    let accept = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
                  sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    site.bff.on("/api/socket", vec![bff::send(accept), Step::Echo]);
    let mut stream = TcpStream::connect(site.composer.address()).await?;
    let ask = format!(
        "GET /_m/app/app@1.0.0/api/socket HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-fetch-site: same-origin\r\n\r\n",
        site.composer.address()
    );
    stream.write_all(ask.as_bytes()).await?;
    let head = read_until(&mut stream, b"\r\n\r\n").await?;
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    ensure!(head.starts_with("http/1.1 101"), "{head}");
    ensure!(
        head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
        "{head}"
    );
    for round in 0..3 {
        let frame = format!("\u{1}\u{5}hello{round};");
        stream.write_all(frame.as_bytes()).await?;
        ensure!(
            read_until(&mut stream, b";").await? == frame.as_bytes(),
            "round {round}"
        );
    }
    stream.shutdown().await?;
    let mut rest = Vec::new();
    within(PATIENCE, "the end of the socket", stream.read_to_end(&mut rest)).await??;
    Ok(())
}

async fn read_until(stream: &mut TcpStream, end: &[u8]) -> Result<Vec<u8>> {
    let mut read = Vec::new();
    let reading = async {
        while !read.ends_with(end) {
            read.push(stream.read_u8().await?);
        }
        anyhow::Ok(())
    };
    within(PATIENCE, "bytes of the socket", reading).await??;
    Ok(read)
}
