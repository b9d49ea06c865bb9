//! Cuts a stream of bytes into tokens as browsers do, and keeps what a chunk's end cuts.

pub(crate) mod comment;
pub(crate) mod near;
pub(crate) mod raw;
pub(crate) mod tag;
pub(crate) mod whole;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::memchr;

use self::{
    comment::CommentEnd,
    near::find_near,
    raw::{RawStep, RawText, prefix},
    tag::TagEnd,
};
use crate::error::ScanError;

/// What a token is. All but tags may come in several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A `<` that opens nothing.
    LessThan,
    Comment,
    /// A doctype, or what is dropped as a comment: `<!x>`, `<?x>`, `</3>`.
    Bogus,
    Cdata,
    /// Content of a script, a style and the like.
    Raw,
    Start {
        self_closing: bool,
    },
    End,
}

/// Where a token's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// In the chunk.
    Chunk(Range<usize>),
    /// They began in an earlier chunk.
    Carried(Bytes),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) part: Part,
}

#[derive(Debug)]
enum State {
    Text,
    Tag { kind: Kind, end: TagEnd },
    Comment(CommentEnd),
    Bogus,
    Cdata { brackets: u8 },
    Raw(RawText),
}

/// What a `<` opens.
enum Opening {
    Nothing,
    Undecided,
    Start,
    End,
    Comment,
    EmptyComment,
    Bogus,
    Cdata,
}

/// Longest opening that decides: `<![CDATA[`, or `</noscript` and a delimiter.
const LONGEST_OPENING: usize = 16;

/// The tokeniser. `carry` begins with `<` or is empty.
#[derive(Debug)]
pub(crate) struct Lexer {
    state: State,
    carry: BytesMut,
    tag_bytes: usize,
    before_raw_end: &'static str,
}

impl Lexer {
    pub(crate) fn new(tag_bytes: usize) -> Self {
        Self {
            state: State::Text,
            carry: BytesMut::new(),
            tag_bytes,
            before_raw_end: "",
        }
    }

    /// What follows is raw text, up to an end tag of that name.
    pub(crate) fn raw(&mut self, name: &'static str, in_noscript: bool) {
        self.state = State::Raw(RawText::new(name, in_noscript));
    }

    /// The next token of `chunk` from `at` on. `foreign`: CDATA sections are allowed here.
    pub(crate) fn next(&mut self, chunk: &[u8], at: &mut usize, foreign: bool) -> Result<Option<Token>, ScanError> {
        while *at < chunk.len() {
            let rest = &chunk[*at..];
            let token = match &mut self.state {
                State::Text => self.text(rest, at, foreign)?,
                State::Tag { .. } => self.tag(rest, at)?,
                State::Raw(_) => self.raw_text(rest, at)?,
                State::Comment(end) => {
                    let found = end.find(rest);
                    Some(self.section(Kind::Comment, found, rest, at))
                }
                State::Bogus => {
                    let found = memchr(b'>', rest).map(|found| found + 1);
                    Some(self.section(Kind::Bogus, found, rest, at))
                }
                State::Cdata { brackets } => {
                    let found = cdata_end(brackets, rest);
                    Some(self.section(Kind::Cdata, found, rest, at))
                }
            };
            if token.is_some() {
                return Ok(token);
            }
        }
        Ok(None)
    }

    /// Whether what comes next is text or opens something.
    #[inline]
    pub(crate) fn is_between_tokens(&self) -> bool {
        matches!(self.state, State::Text) && self.carry.is_empty()
    }

    /// How many bytes a tag has at most.
    pub(crate) fn tag_bytes(&self) -> usize {
        self.tag_bytes
    }

    /// Ends the input: drops what is undecided, and says what closes the token that is open.
    pub(crate) fn finish(&mut self) -> (Kind, &'static str) {
        self.carry.clear();
        match std::mem::replace(&mut self.state, State::Text) {
            State::Text => (Kind::Text, ""),
            State::Tag { kind, .. } => (kind, self.before_raw_end),
            State::Comment(_) => (Kind::Comment, "-->"),
            State::Bogus => (Kind::Bogus, ">"),
            State::Cdata { .. } => (Kind::Cdata, "]]>"),
            State::Raw(raw) => (Kind::Raw, raw.before_end()),
        }
    }

    /// What must be written before an end tag of our own, when another one ended the last raw text.
    pub(crate) fn before_raw_end(&self) -> &'static str {
        self.before_raw_end
    }

    fn text(&mut self, rest: &[u8], at: &mut usize, foreign: bool) -> Result<Option<Token>, ScanError> {
        let mut window = [0; LONGEST_OPENING];
        let (seen, view) = match rest {
            _ if !self.carry.is_empty() => (self.carry.len(), self.peek(rest, &mut window)),
            [b'<', ..] => (0, rest),
            _ => return Ok(Some(take(Kind::Text, text_length(rest), at))),
        };
        let (kind, state, length) = match opening(view, foreign) {
            Opening::Undecided => {
                self.hold(rest, at);
                return Ok(None);
            }
            Opening::Start => return self.open_tag(Kind::Start { self_closing: false }, 1, rest, at),
            Opening::End => return self.open_tag(Kind::End, 2, rest, at),
            Opening::Nothing => (Kind::LessThan, State::Text, 1),
            Opening::Comment => (Kind::Comment, State::Comment(CommentEnd::Start), 4),
            Opening::EmptyComment => (Kind::Comment, State::Text, 3),
            Opening::Bogus => (Kind::Bogus, State::Bogus, seen.max(2)),
            Opening::Cdata => (Kind::Cdata, State::Cdata { brackets: 0 }, 9),
        };
        self.state = state;
        if seen == 0 {
            return Ok(Some(take(kind, length, at)));
        }
        self.carry.extend_from_slice(&rest[..length - seen]);
        *at += length - seen;
        Ok(Some(self.carried(kind)))
    }

    /// Begins a tag whose opening, `<` or `</`, has `length` bytes; takes it whole if it ends in `rest`.
    fn open_tag(&mut self, kind: Kind, length: usize, rest: &[u8], at: &mut usize) -> Result<Option<Token>, ScanError> {
        let mut end = TagEnd::Name;
        if self.carry.is_empty()
            && let Some(found) = end.find(&rest[length..])
        {
            self.check_length(length + found)?;
            return Ok(Some(take(closing(kind, end), length + found, at)));
        }
        let missing = length - self.carry.len();
        self.carry.extend_from_slice(&rest[..missing]);
        *at += missing;
        self.state = State::Tag {
            kind,
            end: TagEnd::Name,
        };
        Ok(None)
    }

    fn check_length(&self, length: usize) -> Result<(), ScanError> {
        if length > self.tag_bytes {
            return Err(ScanError::Tag { limit: self.tag_bytes });
        }
        Ok(())
    }

    fn tag(&mut self, rest: &[u8], at: &mut usize) -> Result<Option<Token>, ScanError> {
        let State::Tag { kind, end } = &mut self.state else {
            return Ok(None);
        };
        let found = end.find(rest);
        let kind = closing(*kind, *end);
        let taken = found.unwrap_or(rest.len());
        self.check_length(self.carry.len() + taken)?;
        self.carry.extend_from_slice(&rest[..taken]);
        *at += taken;
        Ok(found.map(|_| {
            self.state = State::Text;
            self.carried(kind)
        }))
    }

    fn raw_text(&mut self, rest: &[u8], at: &mut usize) -> Result<Option<Token>, ScanError> {
        let mut window = [0; LONGEST_OPENING];
        let seen = self.carry.len();
        let carried = [&self.carry[..], &rest[..rest.len().min(LONGEST_OPENING - seen)]];
        let State::Raw(raw) = &mut self.state else {
            return Ok(None);
        };
        let step = if seen == 0 {
            raw.step(rest)
        } else {
            raw.step(join(carried, &mut window))
        };
        self.before_raw_end = raw.before_end();
        match step {
            RawStep::Undecided => {
                self.hold(rest, at);
                Ok(None)
            }
            RawStep::End => self.end_raw(rest, at),
            RawStep::Content(length) if seen == 0 => Ok(Some(take(Kind::Raw, length, at))),
            RawStep::Content(length) => {
                // Only the beginning was undecided, so at least the carry is content.
                let more = length.saturating_sub(seen);
                self.carry.extend_from_slice(&rest[..more]);
                *at += more;
                Ok(Some(self.carried(Kind::Raw)))
            }
        }
    }

    fn end_raw(&mut self, rest: &[u8], at: &mut usize) -> Result<Option<Token>, ScanError> {
        self.state = State::Text;
        if self.carry.len() < 2 {
            return self.open_tag(Kind::End, 2, rest, at);
        }
        // The name so far: any state but `Name` needs a delimiter, and then it was decided earlier.
        self.state = State::Tag {
            kind: Kind::End,
            end: TagEnd::Name,
        };
        Ok(None)
    }

    /// A part of a section that ends at `found` or goes on.
    fn section(&mut self, kind: Kind, found: Option<usize>, rest: &[u8], at: &mut usize) -> Token {
        if found.is_some() {
            self.state = State::Text;
        }
        take(kind, found.unwrap_or(rest.len()), at)
    }

    fn hold(&mut self, rest: &[u8], at: &mut usize) {
        self.carry.extend_from_slice(rest);
        *at += rest.len();
    }

    fn carried(&mut self, kind: Kind) -> Token {
        Token {
            kind,
            part: Part::Carried(self.carry.split().freeze()),
        }
    }

    fn peek<'a>(&self, rest: &[u8], window: &'a mut [u8; LONGEST_OPENING]) -> &'a [u8] {
        join([&self.carry, rest], window)
    }
}

/// How many bytes of text `rest` begins with, up to the next `<`.
fn text_length(rest: &[u8]) -> usize {
    match rest {
        [] | [b'<', ..] => 0,
        _ => find_near(b'<', rest).unwrap_or(rest.len()),
    }
}

fn join<'a>(parts: [&[u8]; 2], window: &'a mut [u8; LONGEST_OPENING]) -> &'a [u8] {
    let seen = parts[0].len();
    let more = parts[1].len().min(LONGEST_OPENING - seen);
    window[..seen].copy_from_slice(parts[0]);
    window[seen..seen + more].copy_from_slice(&parts[1][..more]);
    &window[..seen + more]
}

fn take(kind: Kind, length: usize, at: &mut usize) -> Token {
    let from = *at;
    *at += length;
    Token {
        kind,
        part: Part::Chunk(from..*at),
    }
}

fn closing(kind: Kind, end: TagEnd) -> Kind {
    match kind {
        Kind::Start { .. } => Kind::Start {
            self_closing: end == TagEnd::Slash,
        },
        kind => kind,
    }
}

/// See <https://html.spec.whatwg.org/multipage/parsing.html#tag-open-state>.
fn opening(view: &[u8], foreign: bool) -> Opening {
    match view.get(1..) {
        None | Some([]) | Some([b'/']) => Opening::Undecided,
        Some([letter, ..]) if letter.is_ascii_alphabetic() => Opening::Start,
        Some([b'/', letter, ..]) if letter.is_ascii_alphabetic() => Opening::End,
        Some([b'/' | b'?', ..]) => Opening::Bogus,
        // An empty comment, which Leptos writes as its placeholder.
        Some([b'!', b'>', ..]) => Opening::EmptyComment,
        Some([b'!', ..]) => match (prefix(view, "<!--"), prefix(view, "<![CDATA[")) {
            (Some(true), _) => Opening::Comment,
            // CDATA is the one opening with case; `prefix` has let any through.
            (_, Some(true)) if foreign && view.starts_with(b"<![CDATA[") => Opening::Cdata,
            (None, _) => Opening::Undecided,
            (_, None) if foreign => Opening::Undecided,
            _ => Opening::Bogus,
        },
        Some(_) => Opening::Nothing,
    }
}

fn cdata_end(brackets: &mut u8, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        if *brackets == 0 {
            at += memchr(b']', bytes.get(at..)?)?;
        }
        at += match bytes.get(at)? {
            b']' => {
                *brackets = (*brackets + 1).min(2);
                1
            }
            b'>' if *brackets == 2 => return Some(at + 1),
            _ => {
                *brackets = 0;
                1
            }
        };
    }
}
