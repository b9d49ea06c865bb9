//! Parts of layouts and fragments in document order, and where slots stand among them.

use std::{sync::Arc, vec};

use bytes::Bytes;
use composer_coding::Piece;
use composer_html::{Context, SlotTag};
use contract::{SlotSource, slot};

use crate::{escape, offer::Offer, slot::SlotId};

/// A part of a layout or of a fragment; `S` says what is known of a slot.
#[derive(Debug, Clone)]
pub(crate) enum Part<S> {
    Html(Bytes),
    /// The same, long, of a body that is kept.
    Kept(Arc<Piece>),
    Slot(S),
    /// A piece of the children of the slot before it.
    Fallback(Bytes),
    SlotEnd,
}

/// What a layout or a body is made of, whatever page it stands on.
pub(crate) type Parts = Arc<[Part<Arc<Place>>]>;

/// Where a slot element stands.
#[derive(Debug)]
pub(crate) struct Place {
    /// What its `src` asks for, if it can be read.
    pub(crate) source: Option<SlotSource>,
    /// What surrounds it.
    pub(crate) context: Context,
    /// True for the place of the page's own fragment in a layout.
    pub(crate) is_page: bool,
    /// Whether a tab keeps it.
    pub(crate) persist: Persist,
    /// Its start tag up to the end of its `src`.
    pub(crate) tag: Bytes,
    /// Its other attributes, as HTML with a space before each.
    pub(crate) attributes: Bytes,
}

/// When a tab that goes to another page keeps what it shows in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persist {
    No,
    /// When it would show the same.
    Source,
    /// When it would show the same fragment.
    Fragment,
}

/// A place on one page.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) place: Arc<Place>,
    /// What may stand there; `None` where the author may not include it.
    pub(crate) offer: Option<Arc<Offer>>,
    /// Where its content arrives; `None` where a limit forbids the fetch.
    pub(crate) slot: Option<SlotId>,
}

/// Parts that several pages share, as one page goes through them.
#[derive(Debug)]
pub(crate) struct Script {
    parts: Parts,
    at: usize,
    /// The slots that come.
    placed: vec::IntoIter<Placed>,
}

/// Memory of a part beside its bytes.
const PART_BYTES: usize = 64;

impl<S> Part<S> {
    /// True for what is more than white space.
    pub(crate) fn is_content(&self) -> bool {
        match self {
            Self::Html(bytes) => !bytes.trim_ascii().is_empty(),
            Self::Kept(piece) => !piece.text().trim_ascii().is_empty(),
            Self::Slot(_) | Self::Fallback(_) | Self::SlotEnd => true,
        }
    }
}

impl Part<Placed> {
    /// What it costs to keep.
    pub(crate) fn held_bytes(&self) -> usize {
        PART_BYTES
            + match self {
                Self::Html(bytes) | Self::Fallback(bytes) => bytes.len(),
                Self::Kept(piece) => piece.text().len(),
                Self::Slot(placed) => placed.place.held_bytes(),
                Self::SlotEnd => 0,
            }
    }
}

impl Part<Arc<Place>> {
    /// HTML of a body that is kept.
    pub(crate) fn kept(html: Bytes) -> Self {
        if Piece::pays(&html) {
            Self::Kept(Arc::new(Piece::new(html)))
        } else {
            Self::Html(html)
        }
    }

    /// What it costs to keep, without the bytes of the body that it is a piece of.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Slot(place) => place.held_bytes(),
                // All its compressed copies together are about as long as the text.
                Self::Kept(piece) => size_of::<Piece>() + piece.text().len(),
                Self::Html(_) | Self::Fallback(_) | Self::SlotEnd => 0,
            }
    }
}

impl Place {
    pub(crate) fn new(tag: SlotTag) -> Self {
        Self {
            tag: begin_tag(&tag.src),
            source: tag.src.parse().ok(),
            is_page: tag.src == slot::PAGE,
            persist: match tag.persist.as_deref() {
                None => Persist::No,
                Some(slot::PERSIST_FRAGMENT) => Persist::Fragment,
                Some(_) => Persist::Source,
            },
            context: tag.context,
            attributes: tag.attributes,
        }
    }

    /// The place of a page's own fragment, which `source` asks for.
    pub(crate) fn own(source: &SlotSource, attributes: Bytes, context: Context) -> Self {
        Self {
            tag: begin_tag(&source.to_string()),
            source: None,
            is_page: true,
            persist: Persist::No,
            context,
            attributes,
        }
    }

    fn held_bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.tag.len() + self.attributes.len()
    }
}

fn begin_tag(src: &str) -> Bytes {
    let mut tag = String::with_capacity(src.len() + 32);
    tag.push('<');
    tag.push_str(slot::ELEMENT);
    escape::push(&mut tag, slot::SRC, src);
    tag.into()
}

impl Script {
    /// All of `parts`, whose slots are `placed`, one for each.
    pub(crate) fn new(parts: Parts, placed: Vec<Placed>) -> Self {
        Self {
            parts,
            at: 0,
            placed: placed.into_iter(),
        }
    }

    /// How many parts have gone.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn next(&mut self) -> Option<Part<Placed>> {
        let part = self.parts.get(self.at)?;
        self.at += 1;
        Some(match part {
            Part::Html(bytes) => Part::Html(bytes.clone()),
            Part::Kept(piece) => Part::Kept(Arc::clone(piece)),
            Part::Fallback(bytes) => Part::Fallback(bytes.clone()),
            Part::SlotEnd => Part::SlotEnd,
            Part::Slot(_) => Part::Slot(self.placed.next()?),
        })
    }
}
