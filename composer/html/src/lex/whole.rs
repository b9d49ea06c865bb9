//! Reads a tag that stands whole in one buffer, as nearly all do, without looking at each of its bytes.

use super::{
    near::{every, find_mark, find_near, word_at},
    tag::{Tag, TagEnd, is_delimiter, is_space},
};
use crate::names::Name;

/// The tag that `rest` begins with, and whether it is an end tag; `None` if there is none, or its end is not there.
#[inline]
pub(crate) fn whole_tag(rest: &[u8]) -> Option<(Tag<'_>, bool)> {
    let is_end = match rest {
        [b'<', b'/', ..] => true,
        [b'<', ..] => false,
        _ => return None,
    };
    let opening = if is_end { 2 } else { 1 };
    let (name, length) = short_name(word_at(rest, opening)).or_else(|| other_name(&rest[opening..]))?;
    let name_end = opening + length;
    let (end, self_closing) = match rest.get(name_end)? {
        b'>' => (name_end + 1, false),
        _ => end_of_attributes(rest, name_end)?,
    };
    let tag = Tag {
        bytes: &rest[..end],
        text: &rest[opening..name_end],
        name,
        self_closing: self_closing && !is_end,
    };
    Some((tag, is_end))
}

/// A known name of less than eight bytes and its length, if `word` begins with one and what ends it.
#[inline]
fn short_name(word: u64) -> Option<(Name, usize)> {
    let byte = |at: usize| (word >> (8 * at)) as u8;
    // Letters have this bit. So have bytes that are none, but a name with those is not known.
    let mut length = (!word & every(0x40)).trailing_zeros() as usize / 8;
    if length < 7 && byte(length).is_ascii_digit() {
        length += 1;
    }
    if length > 7 || !is_delimiter(byte(length)) {
        return None;
    }
    let others = u64::MAX << (8 * length);
    let small = word | every(b' ');
    let name = Name::of_word(small & !others | every(b' ') & others);
    (name != Name::Other).then_some((name, length))
}

/// Any other name and its length.
fn other_name(rest: &[u8]) -> Option<(Name, usize)> {
    if !rest.first()?.is_ascii_alphabetic() {
        return None;
    }
    let length = rest.iter().position(|&byte| is_delimiter(byte))?;
    Some((Name::of(&rest[..length]), length))
}

/// Where the tag ends whose name ends at `name_end`, and whether it closes itself.
fn end_of_attributes(tag: &[u8], name_end: usize) -> Option<(usize, bool)> {
    let mut from = name_end;
    loop {
        let mark = find_mark(tag, from)?;
        // No value has begun since `from`: any `>` ends the tag, and a byte that is neither space nor `/` belongs to the
        // name of an attribute, quotes too.
        let in_name = mark > from && !is_space(tag[mark - 1]) && tag[mark - 1] != b'/';
        match (tag[mark], tag.get(mark + 1)) {
            (b'>', _) => return Some((mark + 1, mark > from && tag[mark - 1] == b'/')),
            (b'=', Some(&quote @ (b'"' | b'\''))) if in_name => {
                let value = mark + 2;
                from = value + find_near(quote, &tag[value..])? + 1;
            }
            (b'=', _) if in_name => return odd_end(TagEnd::BeforeValue, tag, mark + 1),
            _ if from == name_end => return odd_end(TagEnd::Name, tag, from),
            _ => return odd_end(TagEnd::AfterValue, tag, from),
        }
    }
}

/// The same from `from` on, where `state` is known, for whatever can stand there.
#[cold]
fn odd_end(mut state: TagEnd, tag: &[u8], from: usize) -> Option<(usize, bool)> {
    let end = from + state.find(&tag[from..])?;
    Some((end, state == TagEnd::Slash))
}
