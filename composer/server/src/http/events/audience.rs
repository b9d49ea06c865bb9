//! Asks an app which audiences a visitor belongs to, for topics that not everybody may hear.

use std::{sync::Arc, time::Duration};

use composer_fetch::{Exchange, ExchangeError, FetchError, Upstream, cookies, request::add_forwarded};
use contract::feed::{Audiences, MOST_AUDIENCES, is_audience};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    http::visit::{Visitor, forwarded_of},
    trace,
};

const LIMIT: Duration = Duration::from_secs(3);
const LONGEST_REPLY_BYTES: usize = 16 << 10;

/// Why it isn't known which audiences a visitor belongs to.
#[derive(Debug, thiserror::Error)]
pub(super) enum AudienceError {
    #[error(transparent)]
    NoTurn(#[from] FetchError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("no answer within {LIMIT:?}")]
    Late,
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer broke off, or has more than {LONGEST_REPLY_BYTES} bytes")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the answer is no `{{ \"audiences\": […] }}`")]
    Json(#[source] serde_json::Error),
}

/// The audiences of `visitor`, as the BFF at `path` says: what its names and cookies are is the BFF's affair.
pub(super) async fn ask(upstream: &Arc<Upstream>, path: &str, visitor: &Visitor) -> Result<Vec<String>, AudienceError> {
    let due = Instant::now() + LIMIT;
    let mut exchange = Exchange::begin(upstream)?;
    let sent = timeout(LIMIT, exchange.send(request(upstream, path, visitor))).await;
    let Ok(sent) = sent else {
        exchange.late(&AudienceError::Late);
        return Err(AudienceError::Late);
    };
    let response = sent?;
    if response.status() != StatusCode::OK {
        return Err(AudienceError::Status(response.status()));
    }
    let body = Limited::new(response.into_body(), LONGEST_REPLY_BYTES).collect();
    let body = timeout_at(due, body).await.map_err(|_| AudienceError::Late)?;
    let body = body.map_err(AudienceError::Body)?.to_bytes();
    let said: Audiences = serde_json::from_slice(&body).map_err(AudienceError::Json)?;
    let named = said.audiences.into_iter().filter(|name| is_audience(name));
    Ok(named.take(MOST_AUDIENCES).collect())
}

/// What the app asks for of its visitors, and nothing else. Without `marquetry-base`: no browser can ask this.
fn request(upstream: &Upstream, path: &str, visitor: &Visitor) -> Request<Empty<bytes::Bytes>> {
    const REQUEST_ID: HeaderName = HeaderName::from_static(contract::header::REQUEST_ID);
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = path.parse().unwrap_or_default();
    let (asked, headers) = (visitor.headers(), request.headers_mut());
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    for name in upstream.headers() {
        copy(asked, headers, name);
    }
    if let Some(cookies) = cookies::only(asked, upstream.cookies()) {
        headers.insert(header::COOKIE, cookies);
    }
    add_forwarded(headers, &forwarded_of(visitor));
    headers.insert(trace::TRACEPARENT, trace::outgoing(asked));
    if let Some(id) = visitor.id() {
        headers.insert(REQUEST_ID, id.value().clone());
    }
    request
}

fn copy(from: &HeaderMap, to: &mut HeaderMap, name: &HeaderName) {
    for value in from.get_all(name) {
        to.append(name.clone(), value.clone());
    }
}
