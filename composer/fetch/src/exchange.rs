//! A browser's request handed on to an instance: picked, sent, counted.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri, header, request::Parts, uri::Scheme};
use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::time::Instant;

use crate::{
    FetchError, Upstream,
    client::{AnyBody, BodyError},
    numbers::Verdict,
    origin::{Lane, Turn},
};

/// One request handed on to an instance, which it keeps busy until this is dropped: keep it as long as anything comes.
#[derive(Debug)]
pub struct Exchange {
    upstream: Arc<Upstream>,
    turn: Turn,
    /// How it has been counted; nothing that comes later makes two failures of one.
    counted: Option<Verdict>,
    /// True when the answer is a stream of events, which ends whenever it ends: browsers come back by themselves.
    is_stream: bool,
}

/// Why a request got no response.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Path and query make no address.
    #[error("its path makes no valid address")]
    Target(#[source] http::Error),
    /// There is no connection to any instance that was tried.
    #[error("the server could not be reached")]
    Connect(#[source] legacy::Error),
    /// The connection broke, or what came is no response.
    #[error("no valid response")]
    Broken(#[source] legacy::Error),
    /// The browser broke off its own request.
    #[error("the request broke off")]
    Upload(#[source] legacy::Error),
}

impl Exchange {
    /// Chooses an instance of `upstream`.
    ///
    /// # Errors
    /// `FetchError::NoInstance`, or `FetchError::Busy` when too much is under way to the one that was chosen.
    pub fn begin(upstream: &Arc<Upstream>) -> Result<Self, FetchError> {
        let turn = upstream.pick(Lane::Exchange)?;
        upstream.allowance().shared.budget.add();
        Ok(Self {
            upstream: Arc::clone(upstream),
            turn,
            counted: None,
            is_stream: false,
        })
    }

    /// Sends `request`, whose address holds path and query only, and waits for the head of the response. A safe request
    /// without a body is sent to another instance when the first can't be connected to.
    ///
    /// # Errors
    /// When no response came. It is counted already.
    pub async fn send<B>(&mut self, request: Request<B>) -> Result<Response<Incoming>, ExchangeError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let (parts, body) = request.into_parts();
        let may_go_elsewhere = parts.method.is_safe() && body.is_end_stream() && self.upstream.has_choice();
        let again = may_go_elsewhere.then(|| parts.clone());
        let mut sent = self.send_once(parts, body.map_err(Into::into).boxed_unsync()).await;
        if let (Err(ExchangeError::Connect(error)), Some(parts)) = (&sent, again)
            && let Ok(turn) = self.upstream.pick_another(Lane::Exchange, self.turn.origin())
            && self.upstream.allowance().shared.budget.take(Instant::now())
        {
            self.turn.failed(error);
            self.turn = turn;
            let nothing = Empty::new().map_err(|never| match never {}).boxed_unsync();
            sent = self.send_once(parts, nothing).await;
        }
        match &sent {
            Ok(response) => self.answered(response),
            Err(ExchangeError::Connect(error) | ExchangeError::Broken(error)) => {
                self.turn.failed(error);
                self.count(Verdict::Failed);
            }
            Err(ExchangeError::Target(_) | ExchangeError::Upload(_)) => {}
        }
        sent
    }

    async fn send_once(&self, mut parts: Parts, body: AnyBody) -> Result<Response<Incoming>, ExchangeError> {
        let origin = self.turn.origin();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(origin.target().address.authority().clone())
            .path_and_query(path);
        parts.uri = uri.build().map_err(ExchangeError::Target)?;
        parts.headers.insert(header::HOST, origin.authority().clone());
        let sent = origin.request(Request::from_parts(parts, body)).await;
        sent.map_err(|error| match () {
            () if error.is_connect() => ExchangeError::Connect(error),
            () if is_upload(&error) => ExchangeError::Upload(error),
            () => ExchangeError::Broken(error),
        })
    }

    fn answered(&mut self, response: &Response<Incoming>) {
        let content_type = response.headers().get(header::CONTENT_TYPE);
        self.is_stream = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
        self.turn.succeeded();
        self.count(Verdict::of_status(response.status()));
    }

    /// The response took too long, and nobody waits for it any more.
    pub fn late(&mut self, error: &(dyn std::error::Error + 'static)) {
        self.turn.failed(error);
        self.count(Verdict::Late);
    }

    /// The response broke off within its body, or was not to be used. The end of a stream of events is no failure.
    pub fn broke(&mut self, error: &(dyn std::error::Error + 'static)) {
        if self.is_stream {
            return;
        }
        self.turn.failed(error);
        self.count(Verdict::Failed);
    }

    fn count(&mut self, verdict: Verdict) {
        match self.counted {
            None => self.upstream.count(verdict),
            Some(Verdict::Good) => self.upstream.blame(verdict),
            Some(Verdict::Failed | Verdict::Late) => return,
        }
        self.counted = Some(verdict);
    }
}

/// Tells whether it was the request's own body that failed.
fn is_upload(error: &legacy::Error) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<hyper::Error>());
    source.is_some_and(hyper::Error::is_user)
}
