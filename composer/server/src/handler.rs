//! What a listener's connections ask: one boxed future a request, however many steps it takes.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, extract::Request, response::Response};
use bytes::Bytes;
use http::Version;
use tower::Service;

use crate::{config::EarlyHints, hints::Hints};

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Answers every request of a listener; cheap to copy.
#[derive(Clone)]
pub(crate) struct Handler {
    answer: Arc<dyn Fn(Request) -> Answer + Send + Sync>,
    hints: EarlyHints,
    gate: Option<Arc<dyn Gate>>,
}

/// Turns requests away by their path alone, before anything is made of them.
pub(crate) trait Gate: Send + Sync {
    /// Tells whether any is turned away at this moment.
    fn turns_away(&self) -> bool;

    /// The whole reply to a GET by HTTP/1.1, when it is turned away.
    fn refusal(&self, path: &str) -> Option<Bytes>;
}

impl Handler {
    pub(crate) fn new<F>(answer: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let answer = Arc::new(answer);
        let boxed = move |request| -> Answer {
            let answer = Arc::clone(&answer);
            // Made where it stays: it is too large to be moved there.
            Box::pin(async move { Ok(answer(request).await) })
        };
        Self {
            answer: Arc::new(boxed),
            hints: EarlyHints::Off,
            gate: None,
        }
    }

    /// The same, with hints before its answers by connections of `hints`.
    pub(crate) fn hinting(self, hints: EarlyHints) -> Self {
        Self { hints, ..self }
    }

    /// The same, behind `gate`, which connections may ask first.
    pub(crate) fn behind(self, gate: Arc<dyn Gate>) -> Self {
        Self {
            gate: Some(gate),
            ..self
        }
    }

    /// True when there may ever be something to ask for in [`Self::turns_away`].
    pub(crate) fn may_turn_away(&self) -> bool {
        self.gate.is_some()
    }

    /// True when requests are turned away at this moment.
    pub(crate) fn turns_away(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.turns_away())
    }

    /// The whole reply to a GET of `path` by HTTP/1.1, when it is turned away.
    pub(crate) fn refusal(&self, path: &str) -> Option<Bytes> {
        self.gate.as_ref()?.refusal(path)
    }

    /// True when a connection of HTTP/1.1 may carry hints.
    pub(crate) fn hints_http1(&self) -> bool {
        self.hints == EarlyHints::All
    }

    /// A place for hints, where `request` comes from a client that copes with them.
    pub(crate) fn hints<B>(&self, request: &http::Request<B>) -> Option<Hints> {
        let carries = match self.hints {
            EarlyHints::Off => false,
            EarlyHints::Http2 => request.version() == Version::HTTP_2,
            EarlyHints::All => request.version() >= Version::HTTP_11,
        };
        (carries && Hints::suit(request)).then(Hints::new)
    }
}

impl From<Router> for Handler {
    fn from(router: Router) -> Self {
        Self {
            answer: Arc::new(move |request| Box::pin(router.clone().call(request))),
            hints: EarlyHints::Off,
            gate: None,
        }
    }
}

impl Service<Request> for Handler {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        (self.answer)(request)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").finish_non_exhaustive()
    }
}
