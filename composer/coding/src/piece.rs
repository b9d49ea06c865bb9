//! A text that is compressed once for each coding, whatever pages it stands in.

use std::sync::OnceLock;

use bytes::Bytes;

use crate::{
    coding::{Coding, Effort},
    crc::KeptSum,
    format,
};

/// A shorter text is compressed together with what is around it: that is smaller, and costs hardly more than the new
/// run that has to begin behind a copy (docs/decisions/0008-stitched-compression.md).
const COPIED_BYTES: usize = 8 << 10;
/// A longer text would keep a thread too long at its best: some milliseconds.
const GOOD_BYTES: usize = 256 << 10;
/// A longer text would do so however it is compressed, if that is done in one go.
const AT_ONCE_BYTES: usize = 1 << 20;

/// A text with its compressed copies, each made when it is first asked for. Short texts get none.
#[derive(Debug)]
pub struct Piece {
    text: Bytes,
    copies: [OnceLock<Bytes>; 3],
    sum: OnceLock<KeptSum>,
}

impl Piece {
    /// True when a copy of `text` costs less than compressing it again, and can be made at once: of others there is none.
    pub const fn pays(text: &Bytes) -> bool {
        text.len() >= COPIED_BYTES && text.len() <= AT_ONCE_BYTES
    }

    /// A text without copies.
    pub const fn new(text: Bytes) -> Self {
        Self {
            text,
            copies: [const { OnceLock::new() }; 3],
            sum: OnceLock::new(),
        }
    }

    /// The text itself.
    pub const fn text(&self) -> &Bytes {
        &self.text
    }

    /// Bytes that this takes beside its text until now.
    pub fn weight(&self) -> usize {
        let copies = self.copies.iter().filter_map(OnceLock::get).map(Bytes::len);
        size_of::<Self>() + copies.sum::<usize>()
    }

    /// Blocks of `coding` that decode to the text wherever they stand.
    pub(crate) fn copy(&self, coding: Coding) -> &Bytes {
        self.copies[coding.index()].get_or_init(|| blocks(coding, &self.text).into())
    }

    pub(crate) fn sum(&self) -> &KeptSum {
        self.sum.get_or_init(|| KeptSum::of(&self.text))
    }
}

/// Compresses a text that is kept.
pub(crate) fn blocks(coding: Coding, text: &[u8]) -> Vec<u8> {
    let effort = if text.len() > GOOD_BYTES {
        Effort::Quick
    } else {
        Effort::Good
    };
    format::blocks(coding, text, effort)
}
