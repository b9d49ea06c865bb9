//! The client for requests of browsers: any method, any body, upgrades, a pool of connections for one origin alone.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::{
    client::legacy::{Client, ResponseFuture},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::net::TcpStream;
use tower::Service;

use crate::target::{DialError, Target};

/// Any error of a body.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;
/// Any body.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, BodyError>;

/// Made when the first browser asks. Of each origin's own, since pooled connections are not checked again: what one team
/// may reach another may not.
#[derive(Default)]
pub(crate) struct OriginClient(OnceLock<Client<Connector, AnyBody>>);

/// Connects to one target, whatever the address of a request says.
#[derive(Debug, Clone)]
struct Connector(Arc<Target>);

impl OriginClient {
    pub(crate) fn request(&self, target: &Arc<Target>, request: Request<AnyBody>) -> ResponseFuture {
        self.0.get_or_init(|| build(target)).request(request)
    }
}

fn build(target: &Arc<Target>) -> Client<Connector, AnyBody> {
    let config = target.config();
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.idle_timeout)
        .pool_max_idle_per_host(config.max_idle_per_origin)
        .http1_max_buf_size(config.max_head_bytes)
        .build(Connector(Arc::clone(target)))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = BoxFuture<'static, Result<TokioIo<TcpStream>, DialError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let target = Arc::clone(&self.0);
        Box::pin(async move { target.dial().await.map(TokioIo::new) })
    }
}

impl fmt::Debug for OriginClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginClient").finish_non_exhaustive()
    }
}
