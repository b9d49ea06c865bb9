//! Reads a tag that stands whole in one buffer, as nearly all do, without looking at each of its bytes.

use super::{
    near::{every, find_mark, find_near, word_at},
    tag::{Tag, TagEnd, is_delimiter},
};
use crate::names::Name;

/// A tag at the beginning of some bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WholeTag {
    pub(crate) is_end: bool,
    pub(crate) name: Name,
    name_end: usize,
    /// How long it is.
    pub(crate) length: usize,
    self_closing: bool,
}

impl WholeTag {
    /// The tag that `rest` begins with; `None` if there is none, or its end is not there.
    #[inline]
    pub(crate) fn at(rest: &[u8]) -> Option<Self> {
        let is_end = rest.starts_with(b"</");
        if !is_end && !rest.starts_with(b"<") {
            return None;
        }
        let opening = if is_end { 2 } else { 1 };
        let short = ShortName::at(rest, opening).filter(|name| is_delimiter(name.delimiter));
        let (name, name_end) = match short.map(|short| (Name::of_word(short.word), short.length)) {
            Some((Name::Other, _)) | None => other_name(rest, opening)?,
            Some((name, length)) => (name, opening + length),
        };
        let (behind, slash) = end_of_attributes(&rest[name_end..])?;
        Some(Self {
            is_end,
            name,
            name_end,
            length: rest.len() - behind.len(),
            self_closing: slash && !is_end,
        })
    }

    /// Its parts, where `rest` begins with it.
    pub(crate) fn read<'a>(&self, rest: &'a [u8]) -> Tag<'a> {
        let opening = if self.is_end { 2 } else { 1 };
        Tag {
            bytes: &rest[..self.length],
            text: &rest[opening..self.name_end],
            name: self.name,
            self_closing: self.self_closing,
        }
    }
}

/// What may be a name of at most seven letters, and the byte behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShortName {
    /// As [`Name::of_word`] takes it.
    pub(crate) word: u64,
    pub(crate) length: usize,
    pub(crate) delimiter: u8,
}

impl ShortName {
    /// The one at `at`. Of bytes that are no letters it may have some, but then no name is known by its word.
    #[inline]
    pub(crate) fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let word = word_at(bytes, at);
        // Letters have this bit, and no delimiter has.
        let bits = (!word & every(0x40)).trailing_zeros() & !7;
        let delimiter = word.checked_shr(bits)? as u8;
        let behind = u64::MAX << bits;
        Some(Self {
            word: (word | every(b' ')) & !behind | every(b' ') & behind,
            length: bits as usize / 8,
            delimiter,
        })
    }
}

/// Any name, and where it ends.
#[cold]
fn other_name(rest: &[u8], opening: usize) -> Option<(Name, usize)> {
    if !rest.get(opening)?.is_ascii_alphabetic() {
        return None;
    }
    let length = rest[opening..].iter().position(|&byte| is_delimiter(byte))?;
    let end = opening + length;
    Some((Name::of(&rest[opening..end]), end))
}

/// What follows the tag whose name stood before `tag`, and whether a slash stands before its end.
#[inline]
fn end_of_attributes(tag: &[u8]) -> Option<(&[u8], bool)> {
    let mut rest = tag;
    loop {
        // No value has begun in `rest`: the first `>` ends the tag, if no `=` comes before it.
        let mark = find_mark(rest)?;
        let Some(before) = mark.checked_sub(1) else {
            match rest {
                [b'>', behind @ ..] => return Some((behind, false)),
                _ => break,
            }
        };
        rest = match &rest[before..] {
            [slash, b'>', behind @ ..] => return Some((behind, *slash == b'/')),
            // Neither space nor slash, so it belongs to the name of an attribute.
            [b'0'..=0xff, b'=', b'"', value @ ..] => &value[find_near(b'"', value)? + 1..],
            [b'0'..=0xff, b'=', b'\'', value @ ..] => &value[find_near(b'\'', value)? + 1..],
            _ => break,
        };
    }
    let state = if rest.len() == tag.len() {
        TagEnd::Name
    } else {
        TagEnd::AfterValue
    };
    odd_end(state, rest)
}

/// The same for whatever can stand behind `state`.
#[cold]
fn odd_end(mut state: TagEnd, rest: &[u8]) -> Option<(&[u8], bool)> {
    let end = state.find(rest)?;
    Some((&rest[end..], state == TagEnd::Slash))
}
