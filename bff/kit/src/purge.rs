//! Part of a reply to the browser: what the composer keeps of this app, and is not true any more.

use std::{convert::Infallible, fmt::Display};

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderName, HeaderValue};

const PURGE: HeaderName = HeaderName::from_static(contract::header::PURGE);

/// Tags of this app's kept fragments that go before the browser has the reply: `(Purge::tag("product-7"), redirect("/")?)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purge(Vec<HeaderValue>);

impl Purge {
    /// With this tag; what is none (128 visible characters, no comma) counts for nothing.
    pub fn tag(tag: impl Display) -> Self {
        Self::default().and(tag)
    }

    /// And with this one; at most 64 count.
    #[must_use]
    pub fn and(mut self, tag: impl Display) -> Self {
        self.0.extend(HeaderValue::try_from(tag.to_string()));
        self
    }
}

impl IntoResponseParts for Purge {
    type Error = Infallible;

    fn into_response_parts(self, mut reply: ResponseParts) -> Result<ResponseParts, Infallible> {
        for tag in self.0 {
            reply.headers_mut().append(PURGE, tag);
        }
        Ok(reply)
    }
}
