//! What a BFF gets of a browser's request.

use axum::body::Body;
use composer_fetch::{Upstream, cookies, request::add_forwarded};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header};

use super::{Context, Refusal, hop, upgrade::Wanted};
use crate::{http::visit::forwarded, request::RequestId, trace};

/// Builds the request for `path` of `upstream`.
pub(super) fn build(
    request: Request<Body>,
    upstream: &Upstream,
    path: &str,
    context: &Context,
    upgrade: Option<&Wanted>,
) -> Result<Request<Body>, Refusal> {
    let (mut parts, body) = request.into_parts();
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    parts.uri = target.parse().map_err(|_| Refusal::Unknown)?;
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    reduce(&mut parts.headers, upstream);
    add(&mut parts.headers, upstream, context);
    if let Some(upgrade) = upgrade {
        upgrade.ask(&mut parts.headers);
    }
    Ok(Request::from_parts(parts, body))
}

/// Drops what a BFF may not see, and what only the composer may say.
fn reduce(headers: &mut HeaderMap, upstream: &Upstream) {
    hop::strip(headers);
    // The composer has said `100 Continue` by itself when it reads the body.
    headers.remove(header::EXPECT);
    let cookies = cookies::only(headers, upstream.cookies());
    headers.remove(header::COOKIE);
    if let Some(cookies) = cookies {
        headers.insert(header::COOKIE, cookies);
    }
    if !upstream.headers().contains(&header::AUTHORIZATION) {
        headers.remove(header::AUTHORIZATION);
    }
    let spoofed: Vec<HeaderName> = headers.keys().filter(|name| is_ours(name.as_str())).cloned().collect();
    for name in spoofed {
        headers.remove(name);
    }
}

fn is_ours(name: &str) -> bool {
    const OURS: &[&str] = &["forwarded", "tracestate", "x-real-ip", contract::header::REQUEST_ID];
    OURS.contains(&name) || name.starts_with("marquetry-") || name.starts_with("x-forwarded-")
}

fn add(headers: &mut HeaderMap, upstream: &Upstream, context: &Context) {
    const BASE: HeaderName = HeaderName::from_static(contract::header::BASE);
    const REQUEST_ID: HeaderName = HeaderName::from_static(contract::header::REQUEST_ID);
    let trace = trace::outgoing(headers);
    headers.insert(trace::TRACEPARENT, trace);
    add_forwarded(headers, &forwarded(&context.host, context.peer.as_ref()));
    headers.insert(BASE, upstream.base().clone());
    let id = context.id.as_ref().map(RequestId::as_str).unwrap_or_default();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}
