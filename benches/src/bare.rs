//! The floor: a hyper program that fetches a page's fragments at once and sends them one after another.

use std::sync::Arc;

use anyhow::Result;
use bytes::{Bytes, BytesMut};
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

pub(crate) async fn serve(upstream: String) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", upstream::port()?)).await?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: HttpClient = Client::builder(TokioExecutor::new()).build(connector);
    let upstream: Arc<str> = upstream.into();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (client, upstream) = (client.clone(), Arc::clone(&upstream));
        let service =
            service_fn(move |request: Request<Incoming>| page(client.clone(), Arc::clone(&upstream), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn page(client: HttpClient, upstream: Arc<str>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let count: usize = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let mut wanted = vec![format!("http://{upstream}/slots?n={count}")];
    wanted.extend((0..count).map(|at| format!("http://{upstream}/part?i={at}")));
    let parts = try_join_all(wanted.into_iter().map(|url| fetch(&client, url))).await?;
    let mut body = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
    for part in &parts {
        body.extend_from_slice(part);
    }
    Ok(Response::builder()
        .header("content-type", "text/html")
        .body(Full::new(body.freeze()))?)
}

async fn fetch(client: &HttpClient, url: String) -> Result<Bytes> {
    let response = client.get(url.parse()?).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}
