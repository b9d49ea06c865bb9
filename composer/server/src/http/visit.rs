//! A browser's request for something composed, as fragments get to see it.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Request;
use composer_fetch::{Forwarded, Visit};
use composer_page::{Offered, Order, PageContext, Plan, Tab, context::HELD_BYTES};
use contract::{Prefix, header as ours};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use crate::{
    hints::Hints,
    order,
    ready::Asked,
    request::{Canonical, Peer, RequestId},
    security::Nonce,
    trace,
};

/// Who asks, for what.
pub(super) struct Visitor {
    headers: HeaderMap,
    uri: Uri,
    id: Option<RequestId>,
    canonical: Canonical,
    peer: Option<Peer>,
    hints: Option<Hints>,
    /// True for a tab that wants a part of the page.
    is_tab: bool,
}

const FRAME: HeaderName = HeaderName::from_static(ours::FRAME);
const KEEPS: HeaderName = HeaderName::from_static(ours::KEEPS);
/// A longer list of what is kept isn't read.
const LONGEST_KEEPS_BYTES: usize = 4 << 10;

impl Visitor {
    /// Takes what is known of `request`, but for its method and body.
    pub(super) fn of(request: Request) -> Self {
        let (mut parts, _) = request.into_parts();
        Self {
            id: parts.extensions.remove(),
            canonical: parts.extensions.remove().unwrap_or_else(|| Canonical {
                host: String::new(),
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().map(str::to_owned),
            }),
            peer: parts.extensions.remove(),
            hints: parts.extensions.remove(),
            headers: parts.headers,
            uri: parts.uri,
            is_tab: false,
        }
    }

    /// The same for a tab that wants a part of the page whose address follows `base`: `/_m/page/stores` is about `/stores`.
    pub(super) fn into_tab(mut self, base: &str) -> Self {
        self.canonical.path = page_of(&self.canonical.path, base).to_owned();
        self.is_tab = true;
        self
    }

    /// What the tab has of the page's layout, if a part is wanted.
    pub(super) fn tab(&self) -> Option<Tab> {
        let keeps = self.headers.get(KEEPS).and_then(|keeps| keeps.to_str().ok());
        let keeps = keeps.filter(|keeps| keeps.len() <= LONGEST_KEEPS_BYTES);
        self.is_tab.then(|| Tab::of(keeps.unwrap_or_default()))
    }

    /// True for a tab that wants a part of the page.
    pub(super) fn is_tab(&self) -> bool {
        self.is_tab
    }

    /// True for a tab whose layout is another one than that of `frame`.
    pub(super) fn is_elsewhere(&self, frame: &str) -> bool {
        self.is_tab && self.headers.get(FRAME).is_some_and(|own| own != frame)
    }

    pub(super) fn id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    pub(super) fn host(&self) -> &str {
        &self.canonical.host
    }

    pub(super) fn path(&self) -> &str {
        &self.canonical.path
    }

    pub(super) fn query(&self) -> &str {
        self.canonical.query.as_deref().unwrap_or_default()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// In which order the page may go out.
    pub(super) fn order(&self, prefix: &Prefix) -> Order {
        if self.is_tab {
            order::of_tab(&self.headers)
        } else {
            order::of(&self.headers, &self.uri, prefix)
        }
    }

    /// What decides which page this is, beside its address.
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            canonical: &self.canonical,
            headers: &self.headers,
            is_secure: self.is_secure(),
        }
    }

    /// Has the browser told what it may fetch while it waits for the page, if it copes with that.
    pub(super) fn hint(&self, plan: &Plan) {
        if let Some(hints) = &self.hints
            && let Some(links) = Some(plan.hints()).filter(|links| !links.is_empty())
            && let Ok(links) = HeaderValue::from_maybe_shared(links)
        {
            hints.give(links);
        }
    }

    /// True when the client reads fields at the end of a response (RFC 9110 §6.5.1).
    pub(super) fn takes_trailers(&self) -> bool {
        let wanted = self.headers.get_all(header::TE).iter();
        let mut codings = wanted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        codings.any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
    }

    /// True when the browser came by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.peer.is_some_and(|peer| peer.tls)
    }

    pub(super) fn context(&self, nonce: &Nonce) -> PageContext {
        PageContext {
            nonce: nonce.as_str().to_owned(),
            request_id: self.request_id().to_owned(),
            held_bytes: HELD_BYTES,
            composition: None,
            badge: None,
            order: Order::Document,
            inspector: Offered::No,
        }
    }

    pub(super) fn into_visit(self) -> Visit {
        let from = forwarded(&self.canonical.host, self.peer.as_ref());
        let id = self.id.map(|id| id.value().clone());
        // Where a request has an id, its trace is our own already; each fetch has a span of its own in it.
        let own = id.as_ref().and_then(|_| self.headers.get(&trace::TRACEPARENT).cloned());
        let trace = own.unwrap_or_else(|| trace::outgoing(&self.headers));
        let id = id.unwrap_or(HeaderValue::from_static(""));
        Visit::new(self.headers, &from, trace, id)
    }

    pub(super) fn request_id(&self) -> &str {
        self.id.as_ref().map(RequestId::as_str).unwrap_or_default()
    }
}

/// The page's own path in the address of a part of it.
pub(super) fn page_of<'p>(path: &'p str, base: &str) -> &'p str {
    path.strip_prefix(base).filter(|rest| !rest.is_empty()).unwrap_or("/")
}

/// What a BFF is told of a visitor's browser.
pub(super) fn forwarded_of(visitor: &Visitor) -> Forwarded {
    forwarded(&visitor.canonical.host, visitor.peer.as_ref())
}

/// What a BFF is told of the browser.
pub(super) fn forwarded(host: &str, peer: Option<&Peer>) -> Forwarded {
    Forwarded {
        client: peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address.ip()),
        host: HeaderValue::from_str(host).unwrap_or(HeaderValue::from_static("")),
        proto: if peer.is_some_and(|peer| peer.tls) {
            "https"
        } else {
            "http"
        },
    }
}
