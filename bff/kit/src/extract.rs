//! Extractors whose refusals are problems.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use crate::Problem;

/// The fields of a posted form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form<T>(pub T);

/// A JSON body, of a request or of a reply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// A form's fields or a JSON body, whichever came: from a browser without script, or from a fragment's `api::post`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent<T>(pub T);

/// The params of the address, those of a fragment among them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// The params of the path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Form::from_request(request, state).await {
            Ok(axum::Form(value)) => Ok(Self(value)),
            Err(refusal) => Err(problem(refusal.status(), refusal.body_text())),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(refusal) => Err(problem(refusal.status(), refusal.body_text())),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next());
        if kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Json::from_request(request, state).await.map(|Json(value)| Self(value));
        }
        Form::from_request(request, state).await.map(|Form(value)| Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(refusal) => Err(problem(refusal.status(), refusal.body_text())),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(refusal) => Err(problem(refusal.status(), refusal.body_text())),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => (
                [
                    (header::CONTENT_TYPE, "application/json"),
                    (header::CACHE_CONTROL, "no-store"),
                ],
                json,
            )
                .into_response(),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

fn problem(status: StatusCode, detail: String) -> Problem {
    Problem::new(status).detail(detail)
}
