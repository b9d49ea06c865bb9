//! A server between browser and composer that spoils some of the answers on their way.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What becomes of an answer.
#[derive(Debug, Clone)]
pub enum Spoil {
    /// 404 in its place.
    Missing,
    /// The same with some bytes more.
    Longer(&'static str),
    /// The same with another text in the place of one.
    Replaced(&'static str, &'static str),
    /// None ever.
    Hang,
}

/// The server; it ends with the value.
pub struct Tamper {
    address: SocketAddr,
    state: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    to: SocketAddr,
    client: Client<HttpConnector, Body>,
    spoils: Mutex<Vec<(&'static str, Spoil)>>,
}

impl Tamper {
    /// Starts one before a composer.
    ///
    /// # Errors
    /// When loopback has no free port.
    pub async fn start(to: SocketAddr) -> Result<Self> {
        let state = Arc::new(Shared {
            to,
            client: Client::builder(TokioExecutor::new()).build_http(),
            spoils: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(pass).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, state, task })
    }

    /// Where the browser finds it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Spoils answers from addresses that end like this; the last word about an address counts.
    pub fn spoil(&self, end: &'static str, spoil: Spoil) {
        let mut spoils = self.state.spoils.lock().unwrap_or_else(PoisonError::into_inner);
        spoils.insert(0, (end, spoil));
    }

    /// From now on nothing is spoilt.
    pub fn heal(&self) {
        self.state.spoils.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Tamper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(state): State<Arc<Shared>>, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let spoils = state.spoils.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let spoil = spoils
        .into_iter()
        .find(|(end, _)| path.ends_with(end))
        .map(|(_, spoil)| spoil);
    match &spoil {
        Some(Spoil::Missing) => return StatusCode::NOT_FOUND.into_response(),
        Some(Spoil::Hang) => std::future::pending().await,
        _ => {}
    }
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    forward(&state, request, spoil)
        .await
        .unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

async fn forward(state: &Shared, mut request: Request, spoil: Option<Spoil>) -> Result<Response> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = format!("http://{}{path}", state.to).parse::<Uri>()?;
    let mut response = state.client.request(request).await?.map(Body::new);
    let Some(spoil) = spoil else { return Ok(response) };
    let body = to_bytes(std::mem::take(response.body_mut()), 16 << 20).await?;
    let spoilt = match spoil {
        Spoil::Longer(more) => [&body[..], more.as_bytes()].concat(),
        Spoil::Replaced(from, to) => String::from_utf8_lossy(&body).replace(from, to).into_bytes(),
        Spoil::Missing | Spoil::Hang => body.to_vec(),
    };
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(spoilt.len()));
    Ok(response.map(|_| Body::from(spoilt)))
}
