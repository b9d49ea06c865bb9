//! The fragment server: pages with slots in each contestant's own words, and fragments of 2 kB.

use std::{convert::Infallible, fmt::Write};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Where the fragment server is told to listen.
pub(crate) const PORT: &str = "BENCH_PORT";

pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port()?)).await?;
    let fragment = Bytes::from(fragment());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let fragment = fragment.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let body = answer(&request, &fragment);
            async move {
                let response = Response::builder()
                    .header("content-type", "text/html")
                    .body(Full::new(body));
                Ok::<_, Infallible>(response.unwrap_or_default())
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmark tells its own parts where to listen"
)]
pub(crate) fn port() -> Result<u16> {
    std::env::var(PORT)
        .ok()
        .and_then(|port| port.parse().ok())
        .with_context(|| format!("{PORT} must be a port"))
}

fn answer(request: &Request<Incoming>, fragment: &Bytes) -> Bytes {
    let count = request
        .uri()
        .query()
        .and_then(|query| query.strip_prefix("n=")?.parse().ok())
        .unwrap_or(1);
    match request.uri().path() {
        "/slots" => slots(count).into(),
        "/ssi" => ssi(count).into(),
        path => match path.strip_prefix("/slots/").and_then(|count| count.parse().ok()) {
            Some(count) => slots(count).into(),
            None => fragment.clone(),
        },
    }
}

/// The page as the composer takes it: a fragment with slots.
fn slots(count: usize) -> String {
    let mut page = "<h1>Benchmark</h1>".to_owned();
    for at in 0..count {
        let _ = write!(
            page,
            "<section><fragment-slot src=\"bench/part?i={at}\"><p>later</p></fragment-slot></section>"
        );
    }
    page
}

/// The page as nginx takes it: a document with includes.
fn ssi(count: usize) -> String {
    let mut page =
        "<!doctype html><html lang=\"en\"><head><title>Benchmark</title></head><body><main><h1>Benchmark</h1>"
            .to_owned();
    for at in 0..count {
        let _ = write!(page, "<section><!--# include virtual=\"/part?i={at}\" --></section>");
    }
    page + "</main></body></html>"
}

/// A product card list, as a team would write it; 2 kB.
fn fragment() -> String {
    let mut html = "<div data-part class=\"cards\"><h2>From the workshop</h2><ul class=\"cards__list\">".to_owned();
    let mut number = 0;
    while html.len() < 1_860 {
        number += 1;
        let _ = write!(
            html,
            "<li class=\"card\"><a class=\"card__link\" href=\"/product/B-{number:02}\"><img src=\"/static/b-{number:02}.svg\" alt=\"\" \
             width=\"160\" height=\"120\"><span class=\"card__name\">Machine number {number}</span> <b>€12,400</b></a></li>"
        );
    }
    html + "</ul><p>Prices with tax &amp; delivery.</p></div>"
}
