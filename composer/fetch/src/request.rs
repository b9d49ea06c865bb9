//! What a fragment is asked, and all it may see of the browser's request.

use std::{net::IpAddr, sync::Arc, time::Duration};

use contract::{FragmentId, Params, Role, header as ours};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    FetchError, Sees, Upstream, cookies,
    entry::Validators,
    key::{push_count, push_field},
    origin::Origin,
    sees::X_FORWARDED_FOR,
    span,
};

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Most requests are shorter.
const HEAD_BYTES: usize = 1024;

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
    /// Its address as it goes over the wire.
    pub(crate) fn target(&self) -> Result<String, FetchError> {
        let mut target = String::with_capacity(self.path.len() + 64);
        target.push_str(&self.path);
        if !self.params.is_empty() {
            target.push('?');
            target = self.params.append_to(target);
        }
        // Anything else would end it, or be something else than an address (RFC 9112 §3.2.1).
        let is_sound = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        is_sound.then_some(target).ok_or(FetchError::Target)
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

    /// What is sent to `origin`, all of it.
    pub(crate) fn write(&self, visit: &Visit, target: &str, origin: &Origin) -> Vec<u8> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        head.extend_from_slice(b"GET ");
        head.extend_from_slice(target.as_bytes());
        head.extend_from_slice(b" HTTP/1.1\r\naccept: text/html\r\n");
        let mut put = |name: &str, value: &[u8]| put(&mut head, name, value);
        let known = self.upstream.known(&self.fragment.fragment);
        put(header::HOST.as_str(), origin.authority().as_bytes());
        put(ours::BASE, self.upstream.base().as_bytes());
        match &known.slot {
            Some(slot) => put(ours::SLOT, slot.as_bytes()),
            None => put(ours::SLOT, self.fragment.to_string().as_bytes()),
        }
        put(ours::DEADLINE_MS, self.deadline.as_millis().to_string().as_bytes());
        put(ours::TRACEPARENT, &span::child(visit.traceparent.as_bytes()));
        put(ours::REQUEST_ID, visit.request_id.as_bytes());
        put(X_FORWARDED_HOST.as_str(), visit.from.host.as_bytes());
        put(X_FORWARDED_PROTO.as_str(), visit.from.proto.as_bytes());
        let sees = &known.sees;
        if let Some(cookies) = cookies::only(&visit.received, &sees.cookies) {
            put(header::COOKIE.as_str(), cookies.as_bytes());
        }
        for name in &sees.headers {
            if *name == X_FORWARDED_FOR {
                put(X_FORWARDED_FOR.as_str(), visit.from.client().as_bytes());
                continue;
            }
            for value in visit.received.get_all(name) {
                put(name.as_str(), value.as_bytes());
            }
        }
        for (name, value) in visit.validators.iter().flat_map(Validators::fields) {
            put(name.as_str(), value.as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// Adds a field, of a name and a value that are known to be ones.
fn put(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests;
