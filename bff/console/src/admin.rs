//! Calls to the admin API with the user's token.

use std::{fmt, time::Duration};

use bff_kit::RequestContext;
use bytes::Bytes;
use contract::{
    admin::ProblemReply,
    header::{REQUEST_ID, TRACEPARENT},
};
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout_at};

const MAX_REPLY_BYTES: usize = 8 << 20;
/// Less than the pages' own deadline, so that a page can say that nobody answered.
const READ_LIMIT: Duration = Duration::from_millis(2_500);
/// An act checks every composition that it makes, and renders fragments dry.
const ACT_LIMIT: Duration = Duration::from_secs(12);
const LONGEST_TOKEN: usize = 200;

/// The admin API; clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    origin: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A token. It is never shown.
#[derive(Clone)]
pub(crate) struct Token(HeaderValue);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Reads what a person typed; `None` when it cannot be a token.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !plain || !text.starts_with("mq_") || text.len() > LONGEST_TOKEN {
            return None;
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {text}")).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }
}

/// Why the admin API gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    /// The configured address is none.
    #[error("`MARQUETRY_ADMIN` must be an origin like `http://127.0.0.1:8081`, got `{0}`")]
    Origin(String),
    /// No answer, or none in time.
    #[error("the admin API at `{origin}` did not answer: {why}")]
    Unreachable {
        /// The address.
        origin: String,
        /// True when the request may have got there all the same.
        sent: bool,
        /// What happened.
        why: String,
    },
    /// It said no.
    #[error("the admin API refused: {} {}", .0.status, .0.detail)]
    Refused(Box<ProblemReply>),
    /// It is no admin API, or one of another version.
    #[error("the admin API at `{origin}` answered something else than expected: {why}")]
    NotUnderstood {
        /// The address.
        origin: String,
        /// What differs.
        why: String,
    },
}

impl AdminError {
    /// The status of a refusal.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(problem) => StatusCode::from_u16(problem.status).ok(),
            _ => None,
        }
    }

    /// True when the token does not count any more.
    pub(crate) fn signed_out(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }
}

/// On whose behalf a call is made: the token, and the request that needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct For<'r> {
    pub(crate) token: &'r Token,
    pub(crate) context: &'r RequestContext,
}

impl Admin {
    /// The admin API at `origin`.
    pub(crate) fn new(origin: &str) -> Result<Self, AdminError> {
        let uri: Option<Uri> = origin.parse().ok();
        let plain = uri.is_some_and(|uri| {
            uri.scheme_str() == Some("http") && uri.authority().is_some() && uri.path() == "/" && uri.query().is_none()
        });
        if !plain {
            return Err(AdminError::Origin(origin.into()));
        }
        Ok(Self {
            origin: origin.trim_end_matches('/').into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    /// Gets `path`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, whom: For<'_>, path: &str) -> Result<T, AdminError> {
        let request = self.request(Method::GET, whom, path, Bytes::new())?;
        self.answer(request, READ_LIMIT, whom).await
    }

    /// Posts `body` to `path`.
    pub(crate) async fn post<B, T>(&self, whom: For<'_>, path: &str, body: &B) -> Result<T, AdminError>
    where
        B: Serialize,
        T: DeserializeOwned,
    {
        let json = serde_json::to_vec(body).map_err(|error| self.not_understood(&error))?;
        let request = self.request(Method::POST, whom, path, json.into())?;
        self.answer(request, ACT_LIMIT, whom).await
    }

    fn request(
        &self,
        method: Method,
        whom: For<'_>,
        path: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, AdminError> {
        let mut builder = Request::builder()
            .uri(format!("{}{path}", self.origin))
            .header(header::AUTHORIZATION, whom.token.0.clone())
            .header(header::ACCEPT, "application/json")
            .header(TRACEPARENT, whom.context.trace.child().to_string())
            .header(REQUEST_ID, &whom.context.request_id);
        if method == Method::POST {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
        }
        let request = builder.method(method).body(Full::new(body));
        request.map_err(|error| self.not_understood(&error))
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        request: Request<Full<Bytes>>,
        limit: Duration,
        whom: For<'_>,
    ) -> Result<T, AdminError> {
        let own = Instant::now() + limit;
        let deadline = whom.context.deadline.map_or(own, |deadline| deadline.min(own));
        let (status, body) = match timeout_at(deadline, self.send(request)).await {
            Err(_) => Err(self.unreachable(true, format!("nothing within {limit:?}"))),
            Ok(outcome) => outcome,
        }?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| self.not_understood(&error));
        }
        Err(match serde_json::from_slice::<ProblemReply>(&body) {
            Ok(problem) if problem.status == status.as_u16() => AdminError::Refused(problem.into()),
            _ => self.not_understood(&format!("status {status} without a problem")),
        })
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), AdminError> {
        let response = self.client.request(request).await;
        let response = response.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            self.unreachable(!error.is_connect(), cause.unwrap_or_else(|| error.to_string()))
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_REPLY_BYTES).collect().await;
        let body = body.map_err(|error| self.unreachable(true, error.to_string()))?;
        Ok((status, body.to_bytes()))
    }

    fn unreachable(&self, sent: bool, why: String) -> AdminError {
        AdminError::Unreachable {
            origin: self.origin.clone(),
            sent,
            why,
        }
    }

    fn not_understood(&self, why: &impl fmt::Display) -> AdminError {
        AdminError::NotUnderstood {
            origin: self.origin.clone(),
            why: why.to_string(),
        }
    }
}
