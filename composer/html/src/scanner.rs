//! Reads a document chunk by chunk.

use bytes::Bytes;

use crate::{
    emit::{Emitter, Place},
    error::{Limits, ScanError},
    fragment::Fragment,
    layout::Layout,
    lex::{Lexer, Token},
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
///
/// ```
/// use bytes::Bytes;
/// use composer_html::{Limits, Mode, Piece, Scanner};
///
/// let mut scanner = Scanner::new(Mode::Fragment { slots: true }, Limits::default());
/// let mut pieces = Vec::new();
/// scanner.push(Bytes::from("<p>Cart: <fragment-slot src='checkout/mini"), &mut pieces)?;
/// scanner.push(Bytes::from("-cart'>empty</fragment-slot></div>"), &mut pieces)?;
/// scanner.finish(&mut pieces);
///
/// let Piece::Slot(slot) = &pieces[2] else { panic!("{pieces:?}") };
/// assert_eq!(slot.src, "checkout/mini-cart");
/// assert_eq!(pieces.last(), Some(&Piece::Html("</p>".into())));
/// # Ok::<(), composer_html::ScanError>(())
/// ```
#[derive(Debug)]
pub struct Scanner {
    lexer: Lexer,
    reader: Reader,
    place: Place,
    failed: Option<ScanError>,
}

#[derive(Debug)]
enum Reader {
    Fragment(Fragment),
    Layout(Layout),
}

impl Scanner {
    /// A scanner at the beginning of a document.
    pub fn new(mode: Mode, limits: Limits) -> Self {
        Self {
            lexer: Lexer::new(limits.tag_bytes),
            reader: match mode {
                Mode::Layout => Reader::Layout(Layout::new(limits)),
                Mode::Fragment { slots } => Reader::Fragment(Fragment::new(slots, limits)),
            },
            place: Place::Page,
            failed: None,
        }
    }

    /// The same, for content of a slot with this surrounding.
    #[must_use]
    pub fn within(mut self, context: Context) -> Self {
        if let Reader::Fragment(fragment) = &mut self.reader {
            fragment.set_context(context);
        }
        self
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// When a limit is reached, or a layout is wrong. The scanner takes nothing more then; what came before is in
    /// `out`, and `finish` still closes what is open.
    pub fn push(&mut self, chunk: Bytes, out: &mut Vec<Piece>) -> Result<(), ScanError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut emit = Emitter::new(&chunk, self.place, out);
        let read = self.reader.read(&mut self.lexer, &chunk, &mut emit);
        self.place = emit.finish();
        self.failed = read.clone().err();
        read
    }

    /// Ends the document, wherever it was cut: closes everything that is open.
    pub fn finish(&mut self, out: &mut Vec<Piece>) {
        let nothing = Bytes::new();
        let mut emit = Emitter::new(&nothing, self.place, out);
        let cut = self.lexer.finish();
        match &mut self.reader {
            Reader::Fragment(fragment) => fragment.finish(cut, &mut emit),
            Reader::Layout(layout) => {
                let finished = layout.finish(cut.1, &mut emit);
                self.failed = self.failed.take().or(finished.err());
            }
        }
        self.place = emit.finish();
    }
}

impl Reader {
    fn read(&mut self, lexer: &mut Lexer, chunk: &[u8], emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        let mut at = 0;
        loop {
            if let Self::Fragment(fragment) = self {
                fragment.take_plain(chunk, &mut at, lexer, emit)?;
            }
            let Some(token) = lexer.next(chunk, &mut at, self.is_foreign())? else {
                return Ok(());
            };
            self.take(token, lexer, emit)?;
        }
    }

    fn is_foreign(&self) -> bool {
        match self {
            Self::Fragment(fragment) => fragment.is_foreign(),
            Self::Layout(layout) => layout.is_foreign(),
        }
    }

    fn take(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        match self {
            Self::Fragment(fragment) => fragment.take(token, lexer, emit),
            Self::Layout(layout) => layout.take(token, lexer, emit),
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
    match scanner.failed {
        Some(error) => Err(error),
        None => Ok(pieces),
    }
}
