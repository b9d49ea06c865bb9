//! Why a call is refused or fails, and the problem that says so.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use contract::admin::{Finding, ProblemReply, Severity};
use http::{HeaderValue, StatusCode, header};

use super::access::Denied;
use crate::{request::RequestId, security};

/// Seconds after which a refusal for want of a store or a place may be over.
const RETRY_AFTER_S: u16 = 5;

/// A refusal: status, and words for whoever called.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    detail: String,
    findings: Vec<Finding>,
    revision: Option<u64>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            findings: vec![],
            revision: None,
        }
    }

    /// The request breaks a rule by itself.
    pub(crate) fn broken(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing, for this token.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The state forbids it.
    pub(crate) fn rule(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// It can't be done at the moment.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Somebody else was first.
    pub(crate) fn conflict(detail: impl Into<String>, revision: u64) -> Self {
        Self {
            revision: Some(revision),
            ..Self::new(StatusCode::CONFLICT, detail)
        }
    }

    /// Checks found errors.
    pub(crate) fn findings(findings: Vec<Finding>) -> Self {
        let errors: Vec<&Finding> = findings
            .iter()
            .filter(|each| each.severity == Severity::Error)
            .collect();
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.at, one.text),
            several => format!("{} checks failed, each is in `findings`", several.len()),
        };
        Self {
            findings,
            ..Self::rule(detail)
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::new(StatusCode::FORBIDDEN, denied.to_string())
    }
}

/// The reply is made where the request's id is known: see [`render`].
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem of a [`Failure`] into its reply, and the headers of every reply.
pub(crate) fn render(mut response: Response, id: Option<&RequestId>) -> Response {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        write(&mut response, failure, id);
    }
    let headers = response.headers_mut();
    security::no_script(headers);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn write(response: &mut Response, failure: Failure, id: Option<&RequestId>) {
    let problem = ProblemReply {
        kind: "about:blank".into(),
        title: failure.status.canonical_reason().unwrap_or("Error").into(),
        status: failure.status.as_u16(),
        detail: failure.detail,
        request_id: id.map(|id| id.as_str().into()),
        findings: failure.findings,
        revision: failure.revision,
    };
    let text = serde_json::to_string(&problem).unwrap_or_default();
    *response.status_mut() = failure.status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    match failure.status {
        StatusCode::UNAUTHORIZED => {
            let scheme = HeaderValue::from_static("Bearer realm=\"marquetry\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        _ => {}
    }
    *response.body_mut() = Body::from(text);
}
