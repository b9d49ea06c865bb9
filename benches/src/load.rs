//! Asks for one page after another on each of some connections, and counts.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use crate::mode::Coding;

/// What is asked for, and where.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) coding: Coding,
}

/// What was seen from outside.
pub(crate) struct Load {
    /// Pages that arrived whole.
    pub(crate) pages: usize,
    /// From request to last byte, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Load {
    /// The latency that so many of a hundred pages stayed below.
    pub(crate) fn percentile(&self, share: usize) -> Duration {
        let at = self.latencies.len() * share / 100;
        self.latencies.get(at).copied().unwrap_or_default()
    }
}

/// Asks for the target during `duration`.
pub(crate) async fn run(target: &Target, connections: usize, duration: Duration) -> Result<Load> {
    let until = Instant::now() + duration;
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn(one(target.clone(), until));
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

async fn one(target: Target, until: Instant) -> Result<Vec<Duration>> {
    let mut client = Client::connect(target).await?;
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let started = Instant::now();
        let body = client.get().await?;
        ensure!(!body.is_empty(), "an empty page");
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

/// One page, for looking at it before it is measured: as it came, and decoded.
pub(crate) async fn page(target: &Target) -> Result<(Bytes, Vec<u8>)> {
    let sent = Client::connect(target.clone()).await?.get().await?;
    let mut page = Vec::new();
    match target.coding {
        Coding::Plain => page.extend_from_slice(&sent),
        Coding::Gzip => drop(flate2::read::MultiGzDecoder::new(&*sent).read_to_end(&mut page)?),
        Coding::Br => drop(brotli::Decompressor::new(&*sent, 4096).read_to_end(&mut page)?),
        Coding::Zstd => page = zstd::decode_all(&*sent)?,
    }
    Ok((sent, page))
}

/// One kept connection.
pub(crate) struct Client {
    sender: http1::SendRequest<Empty<Bytes>>,
    target: Target,
    host: String,
}

impl Client {
    pub(crate) async fn connect(target: Target) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", target.port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let host = format!("127.0.0.1:{}", target.port);
        Ok(Self { sender, target, host })
    }

    pub(crate) async fn get(&mut self) -> Result<Bytes> {
        let Self { sender, target, host } = self;
        Self::ask(sender, &target.path, host, target.coding).await
    }

    /// Asks for another path than the target's.
    pub(crate) async fn get_path(&mut self, path: &str) -> Result<Bytes> {
        Self::ask(&mut self.sender, path, &self.host, self.target.coding).await
    }

    async fn ask(
        sender: &mut http1::SendRequest<Empty<Bytes>>,
        path: &str,
        host: &str,
        coding: Coding,
    ) -> Result<Bytes> {
        let mut request = Request::get(path).header("host", host);
        if let Some(token) = coding.token() {
            request = request.header("accept-encoding", token);
        }
        sender.ready().await?;
        let response = sender.send_request(request.body(Empty::new())?).await?;
        ensure!(response.status().is_success(), "{path} answered {}", response.status());
        let came = response.headers().get("content-encoding");
        if came.map(|came| came.as_bytes()) != coding.token().map(str::as_bytes) {
            bail!("asked for {}, got {came:?}", coding.name());
        }
        let body = response.into_body().collect().await.context("a page was cut")?;
        Ok(body.to_bytes())
    }
}
