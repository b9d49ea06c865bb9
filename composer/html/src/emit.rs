//! Collects what is kept of a chunk into as few slices of it as possible.

use std::ops::Range;

use bytes::Bytes;

use crate::{lex::Part, piece::Piece};

/// Whether markup stands in a slot, as its fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Page,
    Fallback,
}

/// Writes pieces while one chunk is read.
#[derive(Debug)]
pub(crate) struct Emitter<'a> {
    chunk: &'a Bytes,
    run: Range<usize>,
    place: Place,
    out: &'a mut Vec<Piece>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(chunk: &'a Bytes, place: Place, out: &'a mut Vec<Piece>) -> Self {
        Self {
            chunk,
            run: 0..0,
            place,
            out,
        }
    }

    /// Keeps a token as it stands.
    pub(crate) fn keep(&mut self, part: Part) {
        match part {
            Part::Chunk(range) => self.keep_range(range),
            Part::Carried(bytes) => self.markup(bytes),
        }
    }

    /// Keeps bytes of the chunk.
    #[inline]
    pub(crate) fn keep_range(&mut self, range: Range<usize>) {
        if range.start == self.run.end {
            self.run.end = range.end;
        } else if !range.is_empty() {
            self.flush();
            self.run = range;
        }
    }

    /// Writes other markup.
    pub(crate) fn markup(&mut self, bytes: Bytes) {
        self.flush();
        if !bytes.is_empty() {
            self.out.push(match self.place {
                Place::Page => Piece::Html(bytes),
                Place::Fallback => Piece::Fallback(bytes),
            });
        }
    }

    /// Writes markup of our own.
    pub(crate) fn text(&mut self, text: &'static str) {
        self.markup(Bytes::from_static(text.as_bytes()));
    }

    /// Writes a piece that is no markup; a slot's begin and end change the place.
    pub(crate) fn piece(&mut self, piece: Piece) {
        self.flush();
        match piece {
            Piece::Slot(_) => self.place = Place::Fallback,
            Piece::SlotEnd => self.place = Place::Page,
            Piece::Head(_) | Piece::HeadEnd | Piece::Html(_) | Piece::Fallback(_) => {}
        }
        self.out.push(piece);
    }

    /// The token's bytes.
    pub(crate) fn bytes(&self, part: &Part) -> Bytes {
        match part {
            Part::Chunk(range) => self.chunk.slice(range.clone()),
            Part::Carried(bytes) => bytes.clone(),
        }
    }

    /// The same, to look at only.
    pub(crate) fn view<'b>(&'b self, part: &'b Part) -> &'b [u8] {
        match part {
            Part::Chunk(range) => &self.chunk[range.clone()],
            Part::Carried(bytes) => bytes,
        }
    }

    /// Ends the chunk; the place goes on to the next.
    pub(crate) fn finish(mut self) -> Place {
        self.flush();
        self.place
    }

    fn flush(&mut self) {
        let run = std::mem::replace(&mut self.run, 0..0);
        if !run.is_empty() {
            let bytes = self.chunk.slice(run);
            self.markup(bytes);
        }
    }
}
