//! Tags that do nothing but open or close their element, as nearly all do.

use super::{
    Tree,
    element::Element,
    rules::{Marks, Rule},
};
use crate::{
    lex::{
        near::find_near,
        whole::{ShortName, WholeTag},
    },
    names::Name,
};

impl Tree {
    /// Takes plain tags and the text between them, all of which is kept; gives what is left of `rest`, and the tag that
    /// it begins with, if its end is there and it has no more than `most` bytes.
    pub(crate) fn take_plain<'a>(&mut self, rest: &'a [u8], most: usize) -> (&'a [u8], Option<WholeTag>) {
        let mut rest = rest;
        loop {
            if !rest.starts_with(b"<") {
                let Some(text) = find_near(b'<', rest) else {
                    return (&[], None);
                };
                rest = &rest[text..];
            }
            if rest.starts_with(b"</")
                && let Some(name) = ShortName::at(rest, 2)
                && name.delimiter == b'>'
                && name.length + 3 <= most
                && self.end_plain(|last| last.word() == name.word)
            {
                rest = &rest[name.length + 3..];
                continue;
            }
            let Some(tag) = WholeTag::at(rest).filter(|tag| tag.length <= most) else {
                return (rest, None);
            };
            let is_plain = if tag.is_end {
                self.end_plain(|last| last == tag.name && last != Name::Other)
            } else {
                self.start_plain(tag.name)
            };
            if !is_plain {
                return (rest, Some(tag));
            }
            rest = &rest[tag.length..];
        }
    }

    /// Takes a start tag if it is kept and nothing is written before it.
    #[inline]
    fn start_plain(&mut self, name: Name) -> bool {
        let rule = Rule::of(name);
        if self.marks.has(rule.stops) {
            return false;
        }
        if !rule.opens {
            return true;
        }
        if self.open.len() >= self.depth {
            return false;
        }
        let mut element = Element::html(name);
        element.before = self.marks;
        self.open.push(element);
        self.marks = self.marks.or(rule.adds);
        true
    }

    /// Takes an end tag if it is that of the innermost element, and that is no slot.
    #[inline]
    fn end_plain(&mut self, is_own: impl Fn(Name) -> bool) -> bool {
        if self.marks.has(Marks::STOP_ENDS) || self.open.len() <= self.floor {
            return false;
        }
        let Some(last) = self.open.last().filter(|last| is_own(last.name)) else {
            return false;
        };
        self.marks = last.before;
        self.open.pop();
        true
    }
}
