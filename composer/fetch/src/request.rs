//! What a fragment is asked, and all it may see of the browser's request.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use contract::{FragmentId, Params, Role, header as ours};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};

use crate::{
    FetchError, Sees, Upstream,
    connection::NoBody,
    cookies,
    entry::Validators,
    key::{push_count, push_field},
    origin::Origin,
    sees::X_FORWARDED_FOR,
    span,
};

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const BASE: HeaderName = HeaderName::from_static(ours::BASE);
const SLOT: HeaderName = HeaderName::from_static(ours::SLOT);
const DEADLINE_MS: HeaderName = HeaderName::from_static(ours::DEADLINE_MS);
const REQUEST_ID: HeaderName = HeaderName::from_static(ours::REQUEST_ID);
const TRACEPARENT: HeaderName = HeaderName::from_static(ours::TRACEPARENT);

/// One fragment to fetch.
#[derive(Debug, Clone)]
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

/// A browser's request, of which each fragment sees what its manifest lists.
#[derive(Debug, Clone)]
pub struct Visit {
    received: HeaderMap,
    from: Forwarded,
    traceparent: HeaderValue,
    request_id: HeaderValue,
    /// Of the kept answer that is asked about.
    validators: Option<Validators>,
}

impl Visit {
    /// Takes the headers of the browser's request; of these, each fragment sees what its manifest lists.
    pub fn new(received: HeaderMap, from: &Forwarded, traceparent: HeaderValue, request_id: HeaderValue) -> Self {
        Self {
            received,
            from: from.clone(),
            traceparent,
            request_id,
            validators: None,
        }
    }

    /// Appends all that a fragment which `sees` this much sees of the visit, so that no two things that it could see give the
    /// same bytes. Trace and request id are ids only, and no part of it.
    pub fn push_seen(&self, sees: &Sees, out: &mut Vec<u8>) {
        push_field(out, self.from.host.as_bytes());
        push_field(out, self.from.proto.as_bytes());
        let at = out.len();
        push_count(out, 0);
        cookies::push_only(&self.received, &sees.cookies, out);
        let bytes = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
        out[at..at + 4].copy_from_slice(&bytes.to_le_bytes());
        for name in &sees.headers {
            if *name == X_FORWARDED_FOR {
                push_field(out, self.from.client.to_string().as_bytes());
                continue;
            }
            let at = out.len();
            push_count(out, 0);
            let mut count = 0u32;
            for value in self.received.get_all(name) {
                push_field(out, value.as_bytes());
                count += 1;
            }
            out[at..at + 4].copy_from_slice(&count.to_le_bytes());
        }
    }

    /// The same visit, asking whether a kept answer still counts.
    pub(crate) fn asking_about(&self, validators: Validators) -> Self {
        Self {
            validators: Some(validators),
            ..self.clone()
        }
    }

    /// True when 304 is an answer.
    pub(crate) fn is_conditional(&self) -> bool {
        self.validators.is_some()
    }

    /// True when a fragment that `sees` this much is told who has signed in.
    pub(crate) fn is_authorized(&self, sees: &Sees) -> bool {
        sees.is_authorized(&self.received)
    }
}

/// Tells the BFF who asked: `x-forwarded-for`, `-host` and `-proto`, in place of what a browser made up.
pub fn add_forwarded(headers: &mut HeaderMap, from: &Forwarded) {
    headers.insert(X_FORWARDED_FOR, from.client());
    add_address(headers, from);
}

fn add_address(headers: &mut HeaderMap, from: &Forwarded) {
    headers.insert(X_FORWARDED_HOST, from.host.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(from.proto));
}

impl Forwarded {
    fn client(&self) -> HeaderValue {
        HeaderValue::try_from(self.client.to_string()).expect("an address is plain ASCII")
    }
}

impl FragmentRequest {
    pub(crate) fn uri(&self) -> Result<Uri, FetchError> {
        let target = if self.params.is_empty() {
            self.path.clone()
        } else {
            let mut target = String::with_capacity(self.path.len() + 64);
            target.push_str(&self.path);
            target.push('?');
            self.params.append_to(target)
        };
        Uri::from_maybe_shared(Bytes::from(target)).map_err(|_| FetchError::Target)
    }

    /// Appends all that the fragment sees of this request, so that no two requests that it could tell apart give the same
    /// bytes: the version, by a number that no other has, the fragment, its address, and what it sees of `visit`.
    pub(crate) fn push_key(&self, visit: &Visit, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.upstream.serial().to_le_bytes());
        push_field(out, self.fragment.fragment.as_str().as_bytes());
        push_field(out, self.path.as_bytes());
        let at = out.len();
        push_count(out, 0);
        let mut count = 0u32;
        for (name, value) in self.params.iter() {
            push_field(out, name.as_bytes());
            push_field(out, value.as_bytes());
            count += 1;
        }
        out[at..at + 4].copy_from_slice(&count.to_le_bytes());
        visit.push_seen(self.upstream.sees(&self.fragment.fragment), out);
    }

    /// What its answer is found by, for whoever looks for two requests with one key.
    #[cfg(fuzzing)]
    pub fn cache_key(&self, visit: &Visit) -> Vec<u8> {
        let mut key = Vec::new();
        self.push_key(visit, &mut key);
        key
    }

    pub(crate) fn build(&self, visit: &Visit, uri: &Uri, origin: &Origin) -> Request<NoBody> {
        let mut request = Request::new(NoBody::new());
        *request.uri_mut() = uri.clone();
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.insert(header::HOST, origin.authority().clone());
        headers.insert(BASE, self.upstream.base().clone());
        let known = self.upstream.known(&self.fragment.fragment);
        let slot = known.slot.clone();
        headers.insert(SLOT, slot.unwrap_or_else(|| ascii(self.fragment.to_string())));
        headers.insert(DEADLINE_MS, HeaderValue::from(millis(self.deadline)));
        headers.insert(TRACEPARENT, span::child(&visit.traceparent));
        headers.insert(REQUEST_ID, visit.request_id.clone());
        add_address(&mut headers, &visit.from);
        let sees = &known.sees;
        if let Some(cookies) = cookies::only(&visit.received, &sees.cookies) {
            headers.insert(header::COOKIE, cookies);
        }
        for name in &sees.headers {
            if *name == X_FORWARDED_FOR {
                headers.insert(X_FORWARDED_FOR, visit.from.client());
                continue;
            }
            for value in visit.received.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        if let Some(validators) = &visit.validators {
            validators.add_to(&mut headers);
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

#[cfg(test)]
mod tests;
