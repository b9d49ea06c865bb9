//! The floor: a hyper program that fetches a page's fragments at once and sends them one after another, or sends a page that it has.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Empty, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::net::TcpListener;

use crate::upstream;

type HttpClient = Client<HttpConnector, Empty<Bytes>>;

struct Bare {
    client: HttpClient,
    upstream: String,
    ready: Mutex<HashMap<(usize, bool), Bytes>>,
}

pub(crate) async fn serve(upstream: String) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", upstream::port()?)).await?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let bare = Arc::new(Bare {
        client: Client::builder(TokioExecutor::new()).build(connector),
        upstream,
        ready: Mutex::default(),
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let bare = Arc::clone(&bare);
        let service = service_fn(move |request: Request<Incoming>| {
            let bare = Arc::clone(&bare);
            async move { bare.page(&request).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

impl Bare {
    async fn page(&self, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let path = request.uri().path();
        let count = path
            .rsplit('/')
            .next()
            .and_then(|count| count.parse().ok())
            .unwrap_or(1);
        let response = Response::builder().header("content-type", "text/html");
        if !path.starts_with("/c/") {
            return Ok(response.body(Full::new(self.fetched(count).await?))?);
        }
        let compressed = request.headers().contains_key("accept-encoding");
        let response = match compressed {
            true => response.header("content-encoding", "gzip"),
            false => response,
        };
        Ok(response.body(Full::new(self.ready(count, compressed)?))?)
    }

    async fn fetched(&self, count: usize) -> Result<Bytes> {
        let mut wanted = vec![format!("http://{}/u/slots?n={count}", self.upstream)];
        wanted.extend((0..count).map(|at| format!("http://{}/u/part?i={at}", self.upstream)));
        let parts = try_join_all(wanted.into_iter().map(|url| self.fetch(url))).await?;
        let mut body = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
        for part in &parts {
            body.extend_from_slice(part);
        }
        Ok(body.freeze())
    }

    async fn fetch(&self, url: String) -> Result<Bytes> {
        let response = self.client.get(url.parse()?).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }

    fn ready(&self, count: usize, compressed: bool) -> Result<Bytes> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = ready.get(&(count, compressed)) {
            return Ok(page.clone());
        }
        let part = |place| upstream::Fragment::at(place as u64).numbered(0);
        let mut page =
            upstream::document(count, 0, |place| String::from_utf8_lossy(&part(place)).into_owned()).into_bytes();
        if compressed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&page)?;
            page = encoder.finish()?;
        }
        let page = Bytes::from(page);
        ready.insert((count, compressed), page.clone());
        Ok(page)
    }
}
