//! What of a page is ready to go out: small pieces joined, or all of it compressed.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use composer_coding::{Coding, CodingError, Encoder, Piece};

/// A frame that is this long goes out, whatever else there is.
const FULL_BYTES: usize = 32 << 10;
/// Pieces longer than this go out as they are, shorter ones are copied into a frame.
const COPIED_BYTES: usize = 8 << 10;
/// So much is compressed before others get their turn: about a millisecond.
const AT_ONCE_BYTES: usize = 256 << 10;

/// A text that goes out.
pub(super) enum Text {
    Live(Bytes),
    /// One that is kept, with its compressed copies.
    Kept(Arc<Piece>),
}

/// The bytes of the next frame.
pub(super) enum Outgoing {
    Plain(Plain),
    Coded(Coded),
}

/// Bytes as they are.
#[derive(Default)]
pub(super) struct Plain {
    joined: BytesMut,
    /// A long piece behind what is joined.
    long: Option<Bytes>,
}

/// Bytes on their way through an encoder.
pub(super) struct Coded {
    /// None as soon as it is finished.
    encoder: Option<Encoder>,
    /// What comes after this frame.
    rest: Bytes,
    out: Vec<u8>,
    /// True while it holds back what the browser could show.
    holds: bool,
}

impl Text {
    pub(super) fn bytes(&self) -> &Bytes {
        match self {
            Self::Live(bytes) => bytes,
            Self::Kept(piece) => piece.text(),
        }
    }
}

impl Outgoing {
    /// Nothing yet; `None` stands for bytes as they are.
    pub(super) fn new(coding: Option<Coding>) -> Self {
        match coding {
            None => Self::Plain(Plain::default()),
            Some(coding) => Self::Coded(Coded {
                encoder: Some(Encoder::new(coding)),
                rest: Bytes::new(),
                out: Vec::new(),
                holds: false,
            }),
        }
    }

    pub(super) fn add(&mut self, text: &Text) -> Result<(), CodingError> {
        match self {
            Self::Plain(plain) => {
                plain.add(text.bytes());
                Ok(())
            }
            Self::Coded(coded) => coded.add(text),
        }
    }

    /// Goes on with a long text of which a part has gone out.
    pub(super) fn go_on(&mut self) -> Result<(), CodingError> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Coded(coded) => coded.go_on(),
        }
    }

    /// Ends the page; what is there goes out, and nothing can be added.
    pub(super) fn end(&mut self) -> Result<(), CodingError> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Coded(coded) => coded.end(),
        }
    }

    /// True when a frame has to go out before more is taken.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.long.is_some() || plain.joined.len() >= FULL_BYTES,
            Self::Coded(coded) => !coded.rest.is_empty() || coded.out.len() >= FULL_BYTES,
        }
    }

    /// True when the browser has all that was added.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.joined.is_empty() && plain.long.is_none(),
            Self::Coded(coded) => coded.rest.is_empty() && coded.out.is_empty() && !coded.holds,
        }
    }

    /// Brings out whatever is held back: nothing more is at hand.
    pub(super) fn flush(&mut self) -> Result<(), CodingError> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Coded(coded) => coded.flush(),
        }
    }

    /// The next frame.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        match self {
            Self::Plain(plain) => plain.take(),
            Self::Coded(coded) => (!coded.out.is_empty()).then(|| std::mem::take(&mut coded.out).into()),
        }
    }
}

impl Plain {
    fn add(&mut self, bytes: &Bytes) {
        if bytes.len() > COPIED_BYTES {
            self.long = Some(bytes.clone());
            return;
        }
        if self.joined.is_empty() {
            self.joined.reserve(COPIED_BYTES);
        }
        self.joined.extend_from_slice(bytes);
    }

    fn take(&mut self) -> Option<Bytes> {
        if self.joined.is_empty() {
            return self.long.take();
        }
        Some(self.joined.split().freeze())
    }
}

impl Coded {
    fn add(&mut self, text: &Text) -> Result<(), CodingError> {
        let Some(encoder) = &mut self.encoder else {
            return Ok(());
        };
        self.holds |= !text.bytes().is_empty();
        match text {
            Text::Kept(piece) => encoder.splice(piece, &mut self.out),
            Text::Live(bytes) if bytes.len() <= AT_ONCE_BYTES => encoder.push(bytes, &mut self.out),
            Text::Live(bytes) => {
                self.rest = bytes.clone();
                self.go_on()
            }
        }
    }

    fn go_on(&mut self) -> Result<(), CodingError> {
        let Some(encoder) = self.encoder.as_mut().filter(|_| !self.rest.is_empty()) else {
            return Ok(());
        };
        let next = self.rest.split_to(self.rest.len().min(AT_ONCE_BYTES));
        encoder.push(&next, &mut self.out)?;
        if self.rest.is_empty() {
            self.holds = true;
            return Ok(());
        }
        // There is a frame, however small it gets.
        self.flush()
    }

    fn flush(&mut self) -> Result<(), CodingError> {
        self.holds = false;
        match &mut self.encoder {
            Some(encoder) => encoder.flush(&mut self.out),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), CodingError> {
        self.holds = false;
        match self.encoder.take() {
            Some(encoder) => encoder.finish(&mut self.out),
            None => Ok(()),
        }
    }
}
