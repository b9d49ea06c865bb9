//! Reads the leading `<head>` of a fragment.

use bytes::Bytes;

use crate::{
    entity::decode,
    error::{Limits, ScanError},
    lex::{
        Kind,
        tag::{Tag, is_space},
    },
    names::Name,
    piece::HeadPart,
};

/// Kinds of `<link>` that a fragment may put into the page's head, besides stylesheets.
const HARMLESS_LINKS: [&str; 14] = [
    "alternate",
    "apple-touch-icon",
    "author",
    "canonical",
    "dns-prefetch",
    "icon",
    "license",
    "mask-icon",
    "next",
    "preconnect",
    "prefetch",
    "preload",
    "prev",
    "shortcut",
];

/// What a token means for the head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeadStep {
    /// It belongs to the head.
    Taken(Option<HeadPart>),
    /// It does, and raw text follows.
    Raw(Name),
    /// It ends the head.
    End,
    /// The head is over, and the token comes after it.
    Over,
}

/// A head that is being read.
#[derive(Debug, Default)]
pub(crate) struct Head {
    bytes: usize,
    title: Option<Vec<u8>>,
    templates: usize,
}

impl Head {
    /// Takes the next token.
    pub(crate) fn take(&mut self, kind: Kind, bytes: &Bytes, limits: &Limits) -> Result<HeadStep, ScanError> {
        self.bytes += bytes.len();
        if self.bytes > limits.head_bytes {
            return Err(ScanError::Head {
                limit: limits.head_bytes,
            });
        }
        Ok(match kind {
            Kind::Raw => {
                self.take_raw(bytes, limits)?;
                HeadStep::Taken(None)
            }
            Kind::Start { self_closing } => self.start(&Tag::new(bytes, self_closing), bytes),
            Kind::End => self.end(&Tag::new(bytes, false)),
            Kind::Text if self.templates == 0 && !bytes.iter().all(|&byte| is_space(byte)) => HeadStep::Over,
            Kind::LessThan if self.templates == 0 => HeadStep::Over,
            Kind::Text | Kind::LessThan | Kind::Comment | Kind::Bogus | Kind::Cdata => HeadStep::Taken(None),
        })
    }

    fn take_raw(&mut self, bytes: &Bytes, limits: &Limits) -> Result<(), ScanError> {
        let Some(title) = &mut self.title else {
            return Ok(());
        };
        if title.len() + bytes.len() > limits.title_bytes {
            return Err(ScanError::Title {
                limit: limits.title_bytes,
            });
        }
        title.extend_from_slice(bytes);
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>, bytes: &Bytes) -> HeadStep {
        match tag.name {
            Name::Template => {
                self.templates += 1;
                HeadStep::Taken(None)
            }
            Name::Title if self.templates == 0 => {
                self.title = Some(Vec::new());
                HeadStep::Raw(Name::Title)
            }
            name if name.is_raw() && (self.templates > 0 || is_head_raw(name)) => HeadStep::Raw(name),
            Name::Noscript => HeadStep::Raw(Name::Noscript),
            _ if self.templates > 0 => HeadStep::Taken(None),
            Name::Meta => HeadStep::Taken(meta(tag, bytes)),
            Name::Link => HeadStep::Taken(link(tag, bytes)),
            Name::Base | Name::Basefont | Name::Bgsound | Name::Head | Name::Html => HeadStep::Taken(None),
            _ => HeadStep::Over,
        }
    }

    fn end(&mut self, tag: &Tag<'_>) -> HeadStep {
        match tag.name {
            Name::Title => HeadStep::Taken(self.title.take().map(|title| HeadPart::Title(title.into()))),
            Name::Template => {
                self.templates = self.templates.saturating_sub(1);
                HeadStep::Taken(None)
            }
            Name::Head if self.templates == 0 => HeadStep::End,
            Name::Body | Name::Html | Name::Br if self.templates == 0 => HeadStep::Over,
            _ => HeadStep::Taken(None),
        }
    }
}

fn is_head_raw(name: Name) -> bool {
    matches!(name, Name::Script | Name::Style | Name::Noframes)
}

fn meta(tag: &Tag<'_>, bytes: &Bytes) -> Option<HeadPart> {
    let has = |name| tag.attribute(name).is_some();
    let kept = (has("name") || has("property")) && !has("http-equiv") && !has("charset");
    kept.then(|| HeadPart::Meta(bytes.clone()))
}

fn link(tag: &Tag<'_>, bytes: &Bytes) -> Option<HeadPart> {
    let href = decode(tag.attribute("href")?);
    let kinds = decode(tag.attribute("rel")?).to_ascii_lowercase();
    let mut kinds = kinds.split_ascii_whitespace().peekable();
    kinds.peek()?;
    let kinds: Vec<&str> = kinds.collect();
    if kinds == ["stylesheet"] {
        return Some(HeadPart::Style {
            href,
            raw: bytes.clone(),
        });
    }
    let harmless = kinds.iter().all(|kind| HARMLESS_LINKS.contains(kind));
    harmless.then(|| HeadPart::Link(bytes.clone()))
}
