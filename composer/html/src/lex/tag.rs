//! Finds where a tag ends, and reads its name and attributes.

use memchr::memchr;

use crate::names::Name;

/// Where in a tag the next byte stands, so that a tag may come in parts.
///
/// The states are those of <https://html.spec.whatwg.org/multipage/parsing.html#tag-name-state> and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagEnd {
    Name,
    Gap,
    Attribute,
    AfterAttribute,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
    AfterValue,
    Slash,
}

/// The state after each state and byte, `>` and quoted values apart.
static NEXT: [[TagEnd; 256]; TagEnd::ALL.len()] = {
    let mut next = [[TagEnd::Name; 256]; TagEnd::ALL.len()];
    let mut state = 0;
    while state < TagEnd::ALL.len() {
        let mut byte = 0;
        while byte < 256 {
            next[state][byte] = TagEnd::ALL[state].after(byte as u8);
            byte += 1;
        }
        state += 1;
    }
    next
};

impl TagEnd {
    const ALL: [Self; 10] = [
        Self::Name,
        Self::Gap,
        Self::Attribute,
        Self::AfterAttribute,
        Self::BeforeValue,
        Self::DoubleQuoted,
        Self::SingleQuoted,
        Self::Unquoted,
        Self::AfterValue,
        Self::Slash,
    ];

    /// The index after the tag's `>`, if `bytes` reach so far.
    pub(crate) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let quote = match self {
                Self::DoubleQuoted => b'"',
                Self::SingleQuoted => b'\'',
                _ => {
                    at += self.find_unquoted(bytes.get(at..)?)?;
                    if bytes[at - 1] == b'>' {
                        return Some(at);
                    }
                    continue;
                }
            };
            at += memchr(quote, &bytes[at..])? + 1;
            *self = Self::AfterValue;
        }
    }

    /// The index after the next `>` or opening quote.
    fn find_unquoted(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut state = *self;
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'>' {
                *self = state;
                return Some(at + 1);
            }
            state = NEXT[state as usize][usize::from(byte)];
            if matches!(state, Self::DoubleQuoted | Self::SingleQuoted) {
                *self = state;
                return Some(at + 1);
            }
        }
        *self = state;
        None
    }

    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::BeforeValue, b'"') => Self::DoubleQuoted,
            (Self::BeforeValue, b'\'') => Self::SingleQuoted,
            (Self::BeforeValue, byte) if is_space(byte) => Self::BeforeValue,
            (Self::BeforeValue, _) => Self::Unquoted,
            (Self::Unquoted, byte) if !is_space(byte) => Self::Unquoted,
            (_, b'/') => Self::Slash,
            (Self::Attribute | Self::AfterAttribute, b'=') => Self::BeforeValue,
            (Self::Attribute | Self::AfterAttribute, byte) if is_space(byte) => Self::AfterAttribute,
            (_, byte) if is_space(byte) => Self::Gap,
            (Self::Name, _) => Self::Name,
            _ => Self::Attribute,
        }
    }
}

/// A finished tag, from `<` to `>`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'a> {
    pub(crate) bytes: &'a [u8],
    /// Its name as written.
    pub(crate) text: &'a [u8],
    pub(crate) name: Name,
    pub(crate) self_closing: bool,
}

impl<'a> Tag<'a> {
    pub(crate) fn new(bytes: &'a [u8], self_closing: bool) -> Self {
        let from = if bytes.get(1) == Some(&b'/') { 2 } else { 1 };
        let rest = &bytes[from..];
        let text = &rest[..position(rest, is_delimiter)];
        Self {
            bytes,
            text,
            name: Name::of(text),
            self_closing,
        }
    }

    /// Its attributes in the order written, repeated ones included.
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        let from = self.bytes.len().min(1 + self.text.len());
        let to = self.bytes.len() - 1;
        Attributes {
            rest: self.bytes.get(from..to).unwrap_or_default(),
        }
    }

    /// The raw value of an attribute; the first one counts.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a [u8]> {
        self.attributes().find(|each| each.is(name)).map(|each| each.value)
    }
}

/// One attribute as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl Attribute<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Walks over the attributes of a start tag.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let skip = position(self.rest, |byte| !is_space(byte) && byte != b'/');
        let text = &self.rest[skip..];
        if text.is_empty() {
            return None;
        }
        // The first byte belongs to the name whatever it is, `=` too.
        let name_end = 1 + position(&text[1..], |byte| is_space(byte) || byte == b'/' || byte == b'=');
        let equals = name_end + position(&text[name_end..], |byte| !is_space(byte));
        let (value, end) = if text.get(equals) == Some(&b'=') {
            let from = equals + 1 + position(&text[equals + 1..], |byte| !is_space(byte));
            value(text, from)
        } else {
            (name_end..name_end, name_end)
        };
        self.rest = &text[end..];
        // Without the `=` of a missing value, which would take in what is written next.
        let raw_end = if end == value.start { name_end } else { end };
        Some(Attribute {
            raw: &text[..raw_end],
            name: &text[..name_end],
            value: &text[value],
        })
    }
}

fn value(text: &[u8], from: usize) -> (std::ops::Range<usize>, usize) {
    match text.get(from) {
        Some(&quote @ (b'"' | b'\'')) => {
            let length = position(&text[from + 1..], |byte| byte == quote);
            let to = from + 1 + length;
            (from + 1..to, text.len().min(to + 1))
        }
        _ => {
            let to = from + position(&text[from..], is_space);
            (from..to, to)
        }
    }
}

fn position(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| wanted(byte)).unwrap_or(bytes.len())
}

/// Tells whether HTML takes `byte` for white space.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0c)
}

/// Tells whether `byte` ends a tag's name.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_browsers_do() {
        let tag = b"<a b c = d e='f>' \"g=h i=\"j\"k/l==m n=/o=p/ =q>";
        let mut end = TagEnd::Name;
        assert_eq!(end.find(&tag[1..]), Some(tag.len() - 1));
        let read: Vec<_> = Tag::new(tag, false)
            .attributes()
            .map(|each| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                format!("{} -> {}", text(each.name), text(each.value))
            })
            .collect();
        let wanted = [
            "b -> ",
            "c -> d",
            "e -> f>",
            "\"g -> h",
            "i -> j",
            "k -> ",
            "l -> =m",
            "n -> /o=p/",
            "=q -> ",
        ];
        assert_eq!(read, wanted);
    }
}
