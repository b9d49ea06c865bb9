//! Compresses one body on its way, with kept pieces put in as they are.

use std::fmt;

use crate::{coding::Coding, crc::Sum, engine::Engine, error::CodingError, format, piece::Piece};

/// Live bytes between two pieces, or two flushes, that are not more than this go out as they are.
const HELD_BYTES: usize = 64;

/// The compressed form of one body.
///
/// ```
/// use composer_coding::{Coding, Encoder, Piece};
///
/// let kept = Piece::new("<p>the same on every page</p>".repeat(50).into());
/// let mut out = Vec::new();
/// let mut encoder = Encoder::new(Coding::Gzip);
/// encoder.push(b"<h1>live</h1>", &mut out)?;
/// encoder.flush(&mut out)?;
/// encoder.splice(&kept, &mut out)?;
/// encoder.finish(&mut out)?;
/// # Ok::<(), composer_coding::CodingError>(())
/// ```
pub struct Encoder {
    coding: Coding,
    /// The beginning of a run, until it proves to be worth compressing.
    held: Vec<u8>,
    /// There as soon as a run was worth it.
    engine: Option<Engine>,
    run: Run,
    has_begun: bool,
    sum: Sum,
}

/// The live bytes since the last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    /// The engine knows of none.
    Closed,
    /// The engine holds some back.
    Open,
    /// The engine has given all it got.
    Flushed,
}

impl Encoder {
    /// The beginning of a body.
    pub const fn new(coding: Coding) -> Self {
        Self {
            coding,
            held: Vec::new(),
            engine: None,
            run: Run::Closed,
            has_begun: false,
            sum: Sum { crc: 0, bytes: 0 },
        }
    }

    /// The coding of what comes out.
    pub const fn coding(&self) -> Coding {
        self.coding
    }

    /// Takes live bytes; what comes out at once is appended to `out`.
    ///
    /// # Errors
    /// When the encoder fails; the body can't be ended any more.
    pub fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        if text.is_empty() {
            return Ok(());
        }
        self.begin(out);
        self.count(text);
        if self.run == Run::Closed && self.held.len() + text.len() <= HELD_BYTES {
            self.held.extend_from_slice(text);
            return Ok(());
        }
        let engine = match &mut self.engine {
            Some(engine) => engine,
            none => none.insert(Engine::new(self.coding)?),
        };
        self.run = Run::Open;
        if !self.held.is_empty() {
            engine.push(&self.held, out)?;
            self.held.clear();
        }
        engine.push(text, out)
    }

    /// Makes sure that all that was taken can be decoded from what is in `out`.
    ///
    /// # Errors
    /// When the encoder fails; the body can't be ended any more.
    pub fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.put_held(out);
        if self.run == Run::Open
            && let Some(engine) = &mut self.engine
        {
            engine.flush(out)?;
            self.run = Run::Flushed;
        }
        Ok(())
    }

    /// Puts a kept piece in, if that [pays](Piece::pays); others are compressed like live bytes.
    ///
    /// # Errors
    /// When the encoder fails; the body can't be ended any more.
    pub fn splice(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), CodingError> {
        if !Piece::pays(piece.text()) {
            return self.push(piece.text(), out);
        }
        self.begin(out);
        self.end_run(out)?;
        out.extend_from_slice(piece.copy(self.coding));
        if self.coding == Coding::Gzip {
            self.sum.join(piece.sum());
        } else {
            self.sum.count(piece.text().len());
        }
        Ok(())
    }

    /// Ends the body.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.begin(out);
        self.end_run(out)?;
        format::end(self.coding, self.sum, out);
        Ok(())
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.has_begun {
            self.has_begun = true;
            out.extend_from_slice(format::header(self.coding));
        }
    }

    fn count(&mut self, text: &[u8]) {
        if self.coding == Coding::Gzip {
            self.sum.add(text);
        } else {
            self.sum.count(text.len());
        }
    }

    fn end_run(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.put_held(out);
        if self.run != Run::Closed
            && let Some(engine) = &mut self.engine
        {
            engine.end_run(out)?;
            self.run = Run::Closed;
        }
        Ok(())
    }

    fn put_held(&mut self, out: &mut Vec<u8>) {
        format::stored(self.coding, &self.held, out);
        self.held.clear();
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("coding", &self.coding)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
