//! The bytes of a ready page: written once, but for the few places in its head that differ with every response.

use std::{
    convert::Infallible,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::{Bytes, BytesMut};
use composer_page::{HeadText, Hole};
use http::HeaderValue;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};

use super::Fill;

/// Long enough that no two states of a page share it by chance.
const TAG_BYTES: usize = 12;

/// A page's bytes, and where in its head stands what belongs to one response only.
pub(super) struct Text {
    head: Bytes,
    holes: Vec<(Range<usize>, Hole)>,
    tail: Bytes,
}

/// The bytes of one response.
pub(super) struct Filled {
    head: Bytes,
    tail: Bytes,
}

impl Text {
    pub(super) fn new(head: &HeadText, rest: &[Bytes]) -> Self {
        let mut tail = BytesMut::with_capacity(rest.iter().map(Bytes::len).sum());
        rest.iter().for_each(|bytes| tail.extend_from_slice(bytes));
        Self {
            // A copy: the head may be a slice of more.
            head: Bytes::copy_from_slice(&head.bytes),
            holes: head.holes.clone(),
            tail: tail.freeze(),
        }
    }

    pub(super) fn weight(&self) -> usize {
        self.head.len() + self.tail.len() + self.holes.len() * size_of::<(Range<usize>, Hole)>()
    }

    /// A weak tag of all but nonce and request id, which say nothing to the reader.
    pub(super) fn etag(&self) -> HeaderValue {
        let mut digest = Sha256::new();
        let mut at = 0;
        for (range, hole) in &self.holes {
            digest.update(&self.head[at..range.start]);
            if *hole == Hole::Composition {
                digest.update(&self.head[range.clone()]);
            }
            at = range.end;
        }
        digest.update(&self.head[at..]);
        digest.update(&self.tail);
        let tag = Base64UrlUnpadded::encode_string(&digest.finalize()[..TAG_BYTES]);
        HeaderValue::try_from(format!("W/\"{tag}\"")).expect("base64 is plain ASCII")
    }

    pub(super) fn fill(&self, fill: &Fill<'_>) -> Filled {
        let mut head = BytesMut::with_capacity(self.head.len() + 64);
        let mut at = 0;
        for (range, hole) in &self.holes {
            head.extend_from_slice(&self.head[at..range.start]);
            let value = match hole {
                Hole::Nonce => fill.nonce.as_str(),
                Hole::RequestId => fill.request_id,
                Hole::Composition => fill.composition.unwrap_or_default(),
            };
            head.extend_from_slice(value.as_bytes());
            at = range.end;
        }
        head.extend_from_slice(&self.head[at..]);
        Filled {
            head: head.freeze(),
            tail: self.tail.clone(),
        }
    }
}

impl Filled {
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }
}

impl Body for Filled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        let next = if this.head.is_empty() {
            &mut this.tail
        } else {
            &mut this.head
        };
        let bytes = std::mem::take(next);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len() as u64)
    }
}
