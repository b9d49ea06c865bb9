//! Asks for one page after another on each of some connections, and counts.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

/// What was seen from outside.
pub(crate) struct Load {
    /// Pages that arrived whole.
    pub(crate) pages: usize,
    /// From request to last byte, sorted.
    pub(crate) latencies: Vec<Duration>,
}

/// Asks for `path` during `duration`.
pub(crate) async fn run(port: u16, path: &str, connections: usize, duration: Duration) -> Result<Load> {
    let until = Instant::now() + duration;
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn(one(port, path.to_owned(), until));
    }
    let mut latencies = Vec::new();
    while let Some(seen) = tasks.join_next().await {
        latencies.extend(seen??);
    }
    latencies.sort_unstable();
    Ok(Load {
        pages: latencies.len(),
        latencies,
    })
}

async fn one(port: u16, path: String, until: Instant) -> Result<Vec<Duration>> {
    let mut sender = connect(port).await?;
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let started = Instant::now();
        let body = get(&mut sender, port, &path).await?;
        ensure!(!body.is_empty(), "an empty page");
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

/// One page, for looking at it before it is measured.
pub(crate) async fn page(port: u16, path: &str) -> Result<Bytes> {
    get(&mut connect(port).await?, port, path).await
}

async fn connect(port: u16) -> Result<http1::SendRequest<Empty<Bytes>>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn get(sender: &mut http1::SendRequest<Empty<Bytes>>, port: u16, path: &str) -> Result<Bytes> {
    let request = Request::get(path)
        .header("host", format!("127.0.0.1:{port}"))
        .body(Empty::new())?;
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    ensure!(response.status().is_success(), "{path} answered {}", response.status());
    Ok(response
        .into_body()
        .collect()
        .await
        .context("a page was cut")?
        .to_bytes())
}
