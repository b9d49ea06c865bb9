//! Replies of failure, after RFC 9457.

use std::{collections::BTreeMap, error::Error};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A reply of failure: `application/problem+json`.
///
/// Every error turns into one by `?`: an internal one, whose cause goes to the log and never to the client.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// What kind of problem this is, a URI.
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    #[serde(skip)]
    cause: Option<String>,
}

impl Problem {
    /// A problem with the status' own words as title.
    pub fn new(status: StatusCode) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem").into(),
            status,
            detail: None,
            fields: BTreeMap::new(),
            cause: None,
        }
    }

    /// 404: what was asked for is not there.
    pub fn not_found(title: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND).title(title)
    }

    /// 400: the request makes no sense.
    pub fn bad_request(title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST).title(title)
    }

    /// 409: the request does not fit what is there now, as when something is sold out.
    pub fn conflict(title: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT).title(title)
    }

    /// 422: fields of a form, each with what is wrong with it.
    pub fn invalid<K: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let fields = fields.into_iter().map(|(name, rule)| (name.into(), rule.into()));
        Self {
            fields: fields.collect(),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY).title("Please check what you entered")
        }
    }

    /// 500: `cause` goes to the log, the client is told nothing of it.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).cause(cause)
    }

    /// 504: the deadline is over.
    pub fn deadline() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT).title("The deadline is over")
    }

    /// The same, with another title.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// The same, with words about this one time, for the client.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// The same, with a cause for the log.
    #[must_use]
    pub fn cause(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(chain(&*cause.into())),
            ..self
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong with each field.
    pub fn fields(&self) -> &BTreeMap<String, String> {
        &self.fields
    }

    /// The title, for a page that shows it.
    pub fn title_text(&self) -> &str {
        &self.title
    }

    /// The words about this one time, for a page that shows them.
    pub fn detail_text(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        let any: &(dyn Error + 'static) = &error;
        if any.is::<tokio::time::error::Elapsed>() {
            return Self::deadline().cause(error);
        }
        if let Some(upstream) = any.downcast_ref::<crate::upstream::UpstreamError>() {
            return Self::new(upstream.status()).cause(error);
        }
        if let Some(crate::sqlite::DatabaseError::Busy { .. }) = any.downcast_ref() {
            return Self::new(StatusCode::SERVICE_UNAVAILABLE).cause(error);
        }
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(http.status = self.status.as_u16(), cause, "problem");
        }
        let json = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(self);
        response
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
