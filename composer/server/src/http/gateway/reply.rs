//! What a browser gets of a BFF's response.

use axum::{body::Body, response::Response};
use composer_fetch::{Upstream, cookies};
use http::{HeaderMap, HeaderName, StatusCode, header};
use hyper::body::Incoming;

use super::{Refusal, hop};
use crate::{compose::same_site, security};

/// What the origin as a whole says, or nobody: one app must not decide it for the others.
const DROPPED: &[&str] = &[
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "alt-svc",
    "clear-site-data",
    "content-security-policy",
    "content-security-policy-report-only",
    "cross-origin-embedder-policy",
    "link",
    "nel",
    "origin-agent-cluster",
    "permissions-policy",
    "public-key-pins",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "server",
    "service-worker-allowed",
    "set-cookie2",
    "sourcemap",
    "strict-transport-security",
    "via",
    "x-powered-by",
    contract::header::REQUEST_ID,
];

/// Tells whether a reply is a stream of events.
pub(super) fn is_events(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("text/event-stream")
}

/// True for a redirect that has the same sent once more.
pub(super) fn repeats(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}

/// Checks the head and reduces it to what an app may say.
pub(super) fn build(response: http::Response<Incoming>, upstream: &Upstream, host: &str) -> Result<Response, Refusal> {
    let (mut parts, body) = response.into_parts();
    let status = parts.status;
    if status.is_informational() || status.as_u16() >= 600 {
        return Err(Refusal::Response("has a status that is none"));
    }
    let both = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    if both.iter().all(|name| parts.headers.contains_key(name)) {
        return Err(Refusal::Response("has both content-length and transfer-encoding"));
    }
    hop::strip(&mut parts.headers);
    reduce(&mut parts.headers, upstream);
    check_location(&mut parts.headers, status, host)?;
    security::no_script(&mut parts.headers);
    let mut reply = Response::new(Body::new(body));
    *reply.status_mut() = status;
    *reply.headers_mut() = parts.headers;
    Ok(reply)
}

/// Drops what an app may not say; of its cookies those remain that it declares.
pub(super) fn reduce(headers: &mut HeaderMap, upstream: &Upstream) {
    for name in DROPPED {
        headers.remove(*name);
    }
    let ours: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("marquetry-"))
        .cloned()
        .collect();
    for name in ours {
        headers.remove(name);
    }
    let cookies: Vec<_> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookies::settable(cookie, upstream.cookies()))
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

fn check_location(headers: &mut HeaderMap, status: StatusCode, host: &str) -> Result<(), Refusal> {
    let Some(location) = headers.get(header::LOCATION) else {
        return Ok(());
    };
    if !status.is_redirection() && status != StatusCode::CREATED {
        headers.remove(header::LOCATION);
        return Ok(());
    }
    let location = same_site(location, host).ok_or(Refusal::Response("leads to another site"))?;
    headers.insert(header::LOCATION, location);
    Ok(())
}
