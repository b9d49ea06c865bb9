//! What a fragment is asked, and all it may see of the browser's request.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use contract::{FragmentId, Params, Role, header as ours};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};

use crate::{FetchError, Upstream, connection::NoBody, cookies, origin::Origin, span};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const BASE: HeaderName = HeaderName::from_static(ours::BASE);
const SLOT: HeaderName = HeaderName::from_static(ours::SLOT);
const DEADLINE_MS: HeaderName = HeaderName::from_static(ours::DEADLINE_MS);
const REQUEST_ID: HeaderName = HeaderName::from_static(ours::REQUEST_ID);
const TRACEPARENT: HeaderName = HeaderName::from_static(ours::TRACEPARENT);

/// One fragment to fetch.
#[derive(Debug)]
pub struct FragmentRequest {
    /// Its app, live, with its origins.
    pub upstream: Arc<Upstream>,
    /// The fragment.
    pub fragment: FragmentId,
    /// Where the BFF serves it, without query.
    pub path: String,
    /// The params that it reads.
    pub params: Params,
    /// What its failure means; a primary fragment may redirect and answer 4xx.
    pub role: Role,
    /// Wall-clock limit over head and body.
    pub deadline: Duration,
    /// A longer body is cut.
    pub max_body_bytes: usize,
}

/// Who asked for the page, and by which address.
#[derive(Debug, Clone)]
pub struct Forwarded {
    /// The browser's address.
    pub client: IpAddr,
    /// The host in the page's address.
    pub host: HeaderValue,
    /// `http` or `https`.
    pub proto: &'static str,
}

/// A browser's request, prepared once for all the fragments of its page.
#[derive(Debug)]
pub struct Visit {
    common: HeaderMap,
    received: HeaderMap,
}

impl Visit {
    /// Takes the headers of the browser's request; of these, each fragment sees what its app declares.
    pub fn new(received: HeaderMap, from: &Forwarded, traceparent: HeaderValue, request_id: HeaderValue) -> Self {
        let mut common = HeaderMap::with_capacity(16);
        common.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        if let Some(languages) = received.get(header::ACCEPT_LANGUAGE) {
            common.insert(header::ACCEPT_LANGUAGE, languages.clone());
        }
        add_forwarded(&mut common, from);
        common.insert(TRACEPARENT, traceparent);
        common.insert(REQUEST_ID, request_id);
        Self { common, received }
    }
}

/// Tells the BFF who asked: `x-forwarded-for`, `-host` and `-proto`, in place of what a browser made up.
pub fn add_forwarded(headers: &mut HeaderMap, from: &Forwarded) {
    let client = HeaderValue::try_from(from.client.to_string()).expect("an address is plain ASCII");
    headers.insert(X_FORWARDED_FOR, client);
    headers.insert(X_FORWARDED_HOST, from.host.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(from.proto));
}

impl FragmentRequest {
    pub(crate) fn uri(&self) -> Result<Uri, FetchError> {
        let target = if self.params.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.params)
        };
        Uri::from_maybe_shared(Bytes::from(target)).map_err(|_| FetchError::Target)
    }

    pub(crate) fn build(&self, visit: &Visit, uri: &Uri, origin: &Origin) -> Request<NoBody> {
        let mut request = Request::new(NoBody::new());
        *request.uri_mut() = uri.clone();
        let mut headers = visit.common.clone();
        headers.insert(header::HOST, origin.authority().clone());
        headers.insert(BASE, self.upstream.base().clone());
        headers.insert(SLOT, ascii(self.fragment.to_string()));
        headers.insert(DEADLINE_MS, HeaderValue::from(millis(self.deadline)));
        if let Some(page) = visit.common.get(TRACEPARENT) {
            headers.insert(TRACEPARENT, span::child(page));
        }
        if let Some(cookies) = cookies::only(&visit.received, self.upstream.cookies()) {
            headers.insert(header::COOKIE, cookies);
        }
        for name in self.upstream.headers() {
            for value in visit.received.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        *request.headers_mut() = headers;
        request
    }
}

fn ascii(name: String) -> HeaderValue {
    HeaderValue::try_from(name).expect("names are plain ASCII")
}

fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
