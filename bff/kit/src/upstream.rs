//! Calls to the services behind the BFF, within the deadline of the request that they are made for.

use std::time::Duration;

use bytes::Bytes;
use contract::header::{DEADLINE_MS, REQUEST_ID, TRACEPARENT};
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout_at};

use crate::RequestContext;

const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 4 << 20;

/// One service, `http://127.0.0.1:7001`, with its pool of connections. Clones share it.
///
/// ```no_run
/// # use bff_kit::{Json, Problem, RequestContext, upstream::{Upstream, bonus}};
/// # type Item = u32; type Stock = u32;
/// async fn view(context: RequestContext, goods: Upstream, stock: Upstream) -> Result<Json<(Item, Option<Stock>)>, Problem> {
///     let (item, level) = tokio::join!(
///         goods.get::<Item>(&context, "/items/7"),
///         bonus("stock", stock.get::<Stock>(&context, "/levels/7")),
///     );
///     Ok(Json((item?, level)))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Upstream {
    origin: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Why a service gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The configured address is no origin.
    #[error("`{0}` must be an origin like `http://127.0.0.1:7001`")]
    Origin(String),
    /// The path or the body makes no request.
    #[error("`{url}` cannot be called so")]
    Request {
        /// The address.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No whole answer before the request's deadline.
    #[error("`{url}` did not answer within the deadline")]
    Deadline {
        /// The address.
        url: String,
    },
    /// No answer.
    #[error("`{url}` could not be reached")]
    Connect {
        /// The address.
        url: String,
        /// Why.
        source: hyper_util::client::legacy::Error,
    },
    /// An answer that is no success.
    #[error("`{url}` answered {status}")]
    Status {
        /// The address.
        url: String,
        /// Its status.
        status: StatusCode,
    },
    /// A body that broke off or is too long.
    #[error("`{url}` sent no usable body")]
    Body {
        /// The address.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A body of another shape.
    #[error("`{url}` sent other JSON than expected")]
    Json {
        /// The address.
        url: String,
        /// Where it differs.
        source: serde_json::Error,
    },
}

impl UpstreamError {
    /// The status of the BFF's own reply, where nothing better is known: 504 or 502.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Deadline { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// True when the service says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::NOT_FOUND)
    }
}

impl Upstream {
    /// The service at `origin`, by plain HTTP.
    ///
    /// # Errors
    /// When `origin` is not scheme, host and port alone.
    pub fn new(origin: &str) -> Result<Self, UpstreamError> {
        let uri: Option<Uri> = origin.parse().ok();
        let plain = uri.is_some_and(|uri| {
            uri.scheme_str() == Some("http") && uri.authority().is_some() && uri.path() == "/" && uri.query().is_none()
        });
        if !plain {
            return Err(UpstreamError::Origin(origin.into()));
        }
        Ok(Self {
            origin: origin.trim_end_matches('/').into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    /// Gets JSON from `path`.
    ///
    /// # Errors
    /// When there was no usable answer of success in time.
    pub async fn get<T: DeserializeOwned>(&self, context: &RequestContext, path: &str) -> Result<T, UpstreamError> {
        self.call(context, Method::GET, path, Bytes::new()).await
    }

    /// Posts JSON to `path`, gets JSON.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        context: &RequestContext,
        path: &str,
        body: &B,
    ) -> Result<T, UpstreamError> {
        let json = serde_json::to_vec(body).map_err(|source| UpstreamError::Request {
            url: self.url(path),
            source: source.into(),
        })?;
        self.call(context, Method::POST, path, json.into()).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        context: &RequestContext,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<T, UpstreamError> {
        let url = self.url(path);
        let deadline = context.deadline.unwrap_or_else(|| Instant::now() + DEFAULT_DEADLINE);
        let left = deadline.saturating_duration_since(Instant::now());
        let request = Request::builder()
            .method(method)
            .uri(&url)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .header(TRACEPARENT, context.trace.child().to_string())
            .header(REQUEST_ID, &context.request_id)
            .header(DEADLINE_MS, left.as_millis().to_string())
            .body(Full::new(body))
            .map_err(|source| UpstreamError::Request {
                url: url.clone(),
                source: source.into(),
            })?;
        match timeout_at(deadline, self.answer(&url, request)).await {
            Err(_) => Err(UpstreamError::Deadline { url }),
            Ok(Err(error)) => Err(error),
            Ok(Ok(json)) => serde_json::from_slice(&json).map_err(|source| UpstreamError::Json { url, source }),
        }
    }

    async fn answer(&self, url: &str, request: Request<Full<Bytes>>) -> Result<Bytes, UpstreamError> {
        let url = || url.to_owned();
        let response = self
            .client
            .request(request)
            .await
            .map_err(|source| UpstreamError::Connect { url: url(), source })?;
        let status = response.status();
        if !status.is_success() {
            return Err(UpstreamError::Status { url: url(), status });
        }
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        body.map(|body| body.to_bytes()).map_err(|source| UpstreamError::Body {
            url: url(),
            source: match source.downcast::<LengthLimitError>() {
                Ok(_) => format!("longer than {MAX_BODY_BYTES} bytes").into(),
                Err(source) => source,
            },
        })
    }
}

/// What `part` gives when it succeeds: for parts of a view that may be missing. A failure is logged.
pub async fn bonus<T, E: std::fmt::Display>(name: &str, part: impl Future<Output = Result<T, E>>) -> Option<T> {
    part.await
        .inspect_err(|error| tracing::warn!(part = name, %error, "a part of the view is missing"))
        .ok()
}
