//! The bytes of a ready page: written once, but for the few places in its head that differ with every response.

use std::{
    convert::Infallible,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::{Bytes, BytesMut};
use composer_coding::{Coding, Part, Ready};
use composer_page::{HeadText, Hole};
use http::HeaderValue;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};

use super::Fill;

/// Long enough that no two states of a page share it by chance.
const TAG_BYTES: usize = 12;

/// A page's bytes, and where in its head stands what belongs to one response only.
pub(super) struct Text {
    /// Up to the end of the last hole.
    head: Bytes,
    holes: Vec<(Range<usize>, Hole)>,
    tail: Bytes,
    /// The same, to be compressed once.
    coded: Ready,
}

/// The bytes of one response.
pub(super) struct Filled {
    head: Bytes,
    tail: Bytes,
}

impl Text {
    pub(super) fn new(head: &HeadText, rest: &[Bytes]) -> Self {
        // A copy: the head may be a slice of more.
        let mut text = BytesMut::with_capacity(head.bytes.len() + rest.iter().map(Bytes::len).sum::<usize>());
        text.extend_from_slice(&head.bytes);
        rest.iter().for_each(|bytes| text.extend_from_slice(bytes));
        // What is behind the last hole goes out in one piece.
        let filled = head.holes.last().map_or(0, |(last, _)| last.end);
        let mut tail = text.freeze();
        let (head, holes) = (tail.split_to(filled), head.holes.clone());
        Self {
            coded: Ready::new(parts(&head, &holes, &tail)),
            head,
            holes,
            tail,
        }
    }

    pub(super) fn weight(&self) -> usize {
        // Its compressed forms come later, and take together about as much as the text.
        2 * (self.head.len() + self.tail.len()) + self.holes.len() * size_of::<(Range<usize>, Hole)>()
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
        digest.update(&self.tail);
        let tag = Base64UrlUnpadded::encode_string(&digest.finalize()[..TAG_BYTES]);
        HeaderValue::try_from(format!("W/\"{tag}\"")).expect("base64 is plain ASCII")
    }

    pub(super) fn fill(&self, coding: Option<Coding>, fill: &Fill<'_>) -> Filled {
        if coding.is_some() {
            let fills = HOLES.map(|hole| fill.of(hole).as_bytes());
            return Filled {
                head: self.coded.body(coding, &fills),
                tail: Bytes::new(),
            };
        }
        Filled {
            head: self.head(fill),
            tail: self.tail.clone(),
        }
    }

    fn head(&self, fill: &Fill<'_>) -> Bytes {
        if self.holes.is_empty() {
            return Bytes::new();
        }
        let mut head = Vec::with_capacity(self.head.len() + 64);
        let mut at = 0;
        for (range, hole) in &self.holes {
            head.extend_from_slice(&self.head[at..range.start]);
            head.extend_from_slice(fill.of(*hole).as_bytes());
            at = range.end;
        }
        head.into()
    }
}

/// All kinds of holes; the place of each is its number in the coded form.
const HOLES: [Hole; 3] = [Hole::Nonce, Hole::RequestId, Hole::Composition];

fn number(hole: Hole) -> usize {
    HOLES.iter().position(|each| *each == hole).unwrap_or_default()
}

fn parts(head: &Bytes, holes: &[(Range<usize>, Hole)], tail: &Bytes) -> Vec<Part> {
    let mut parts = Vec::with_capacity(2 * holes.len() + 1);
    let mut at = 0;
    for (range, hole) in holes {
        parts.push(Part::Text(head.slice(at..range.start)));
        parts.push(Part::Hole(number(*hole)));
        at = range.end;
    }
    parts.push(Part::Text(tail.clone()));
    parts
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
