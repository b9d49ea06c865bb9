//! What a visitor sent: JSON from a script, a form from a browser without one.

use axum::{
    extract::{FromRequest, Request},
    http::header,
};
use bff_kit::{Form, Json, Problem};
use serde::de::DeserializeOwned;

/// Reads either.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if is_json(&request) {
            let Json(value) = Json::from_request(request, state).await?;
            Ok(Self(value))
        } else {
            let Form(value) = Form::from_request(request, state).await?;
            Ok(Self(value))
        }
    }
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
