//! Immutable files of apps and shell, under the digest of their content.

use axum::{
    body::Body,
    extract::{Path, Request, State},
    response::Response,
};
use composer_registry::{Encoding, StoredAsset};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{app::App, request::RequestId, respond};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");
const AS_TOLD: HeaderValue = HeaderValue::from_static("nosniff");

/// Serves one published file, compressed as the client likes it.
pub(super) async fn get_asset(
    State(app): State<App>,
    Path((digest, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    match app.registry.asset(&digest, &file).await {
        Some(asset) => reply(&asset, request.headers()),
        None => respond::error_page(StatusCode::NOT_FOUND, request.extensions().get::<RequestId>()),
    }
}

fn reply(asset: &StoredAsset, asked: &HeaderMap) -> Response {
    let (encoding, bytes) = asset.choose(asked.get_all(header::ACCEPT_ENCODING));
    let tag = entity_tag(asset, encoding);
    let is_known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|known| matches(known, &tag));
    let mut response = Response::new(if is_known {
        Body::empty()
    } else {
        Body::from(bytes.clone())
    });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    let mut text =
        |name: HeaderName, value: &str| HeaderValue::from_str(value).map(|value| headers.insert(name, value));
    // Packing allows no other bytes in these than a header takes; a value that is odd all the same is left out.
    let _ = text(header::ETAG, &tag);
    if !is_known {
        let _ = text(header::CONTENT_TYPE, &asset.content_type);
        let _ = encoding.map(|encoding| text(header::CONTENT_ENCODING, encoding.as_str()));
    }
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::VARY, BY_ENCODING);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, AS_TOLD);
    response
}

/// Each encoding is a representation of its own (RFC 9110 §8.8.3.3).
fn entity_tag(asset: &StoredAsset, encoding: Option<Encoding>) -> String {
    let suffix = encoding
        .map(|encoding| format!("-{}", encoding.as_str()))
        .unwrap_or_default();
    format!("\"{}{suffix}\"", asset.digest)
}

/// Weak comparison (RFC 9110 §13.1.2).
fn matches(known: &HeaderValue, tag: &str) -> bool {
    let mut tags = known.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
