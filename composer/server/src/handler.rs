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
use tower::Service;

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Answers every request of a listener; cheap to copy.
#[derive(Clone)]
pub(crate) struct Handler(Arc<dyn Fn(Request) -> Answer + Send + Sync>);

impl Handler {
    pub(crate) fn new<F>(answer: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Self(Arc::new(move |request| {
            let answer = answer(request);
            Box::pin(async move { Ok(answer.await) })
        }))
    }
}

impl From<Router> for Handler {
    fn from(router: Router) -> Self {
        Self(Arc::new(move |request| Box::pin(router.clone().call(request))))
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
        (self.0)(request)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").finish_non_exhaustive()
    }
}
