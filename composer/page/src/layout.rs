//! A layout's template, parsed once: its head, and its body with the places of slots.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use bytes::Bytes;
use composer_html::{Context, HeadPart, Limits, Piece, SlotTag};
use contract::{FragmentId, SlotSource, manifest, slot};

use crate::{
    offer::Offers,
    part::{Part, Parts, Place, Placed},
};

/// A template that slots can be filled into.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The fragments that it may include.
    pub(crate) includes: Vec<FragmentId>,
    /// Everything up to the end of the head.
    pub(crate) head: Vec<Opening>,
    /// Everything behind it.
    pub(crate) body: Parts,
    /// How many parts of the body come before its end tag.
    pub(crate) end: usize,
    /// All of it but the params of its slots, as a digest.
    pub(crate) frame: String,
    /// What may stand at the body's places, in their order; nothing is fetched yet.
    placed: Vec<Placed>,
}

/// A piece of a layout before the end of its head.
#[derive(Debug)]
pub(crate) enum Opening {
    Html(Bytes),
    Item(HeadPart),
}

/// A rule that a template breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

/// Checks the template of a layout by itself: tells every rule that it breaks.
pub fn check(terms: &manifest::Layout, template: &Bytes) -> Vec<String> {
    let checked = Layout::new(terms, Some(template), &Offers::new());
    let broken = checked.err().unwrap_or_default();
    broken.into_iter().map(|Broken(rule)| rule).collect()
}

impl Layout {
    /// Parses the template of `terms`.
    ///
    /// # Errors
    /// Every slot that can't be filled; no slot for the page, or more than one.
    pub(crate) fn new(
        terms: &manifest::Layout,
        template: Option<&Bytes>,
        offers: &Offers,
    ) -> Result<Self, Vec<Broken>> {
        let template = template.ok_or_else(|| vec![Broken("the template must be published with the app".into())])?;
        let pieces = composer_html::layout(template.clone(), Limits::default());
        let pieces = pieces.map_err(|error| vec![Broken(error.to_string())])?;
        let (mut head, mut body, mut placed, mut broken) = (vec![], vec![], vec![], vec![]);
        let mut in_body = false;
        for piece in pieces {
            match piece {
                Piece::HeadEnd => in_body = true,
                Piece::Head(part) => head.push(Opening::Item(part)),
                Piece::Html(bytes) if in_body => body.push(Part::Html(bytes)),
                Piece::Html(bytes) => head.push(Opening::Html(bytes)),
                Piece::Slot(tag) => match place(tag, terms, offers) {
                    Ok(place) => {
                        body.push(Part::Slot(Arc::clone(&place.place)));
                        placed.push(place);
                    }
                    Err(rule) => broken.push(rule),
                },
                Piece::Fallback(bytes) => body.push(Part::Fallback(bytes)),
                Piece::SlotEnd => body.push(Part::SlotEnd),
            }
        }
        let pages = placed.iter().filter(|each| each.place.is_page).count();
        if pages != 1 {
            broken.push(Broken(format!(
                "must have exactly one `<{} {}=\"{}\">`, got {pages}",
                slot::ELEMENT,
                slot::SRC,
                slot::PAGE
            )));
        }
        let layout = Self {
            frame: frame(&head, &body),
            includes: terms.includes.clone(),
            head,
            end: split_at_end(&mut body),
            body: body.into(),
            placed,
        };
        if broken.is_empty() { Ok(layout) } else { Err(broken) }
    }

    /// What surrounds the place of a page's own fragment.
    pub(crate) fn page_context(&self) -> Context {
        let own = self.placed.iter().find(|each| each.place.is_page);
        own.map(|own| own.place.context).unwrap_or_default()
    }

    /// The places of its body on one page; `own` makes the place of its own fragment out of the layout's.
    pub(crate) fn placed(&self, own: impl Fn(&Place) -> Placed) -> Vec<Placed> {
        let placed = self.placed.iter().map(|each| match &each.place {
            place if place.is_page => own(place),
            _ => each.clone(),
        });
        placed.collect()
    }
}

/// Where two layouts differ in the params of their slots only, a tab can go from one to the other.
fn frame(head: &[Opening], body: &[Part<Arc<Place>>]) -> String {
    let mut digest = DefaultHasher::new();
    for opening in head {
        match opening {
            Opening::Item(HeadPart::Title(_)) => {}
            Opening::Html(raw)
            | Opening::Item(HeadPart::Meta(raw) | HeadPart::Link(raw) | HeadPart::Style { raw, .. }) => {
                raw.hash(&mut digest);
            }
        }
    }
    for part in body {
        match part {
            Part::Html(bytes) | Part::Fallback(bytes) => bytes.hash(&mut digest),
            Part::Kept(piece) => piece.text().hash(&mut digest),
            Part::Slot(place) => {
                let fragment = place.source.as_ref().map(|source| &source.fragment);
                (fragment, &place.attributes).hash(&mut digest);
            }
            Part::SlotEnd => digest.write_u8(0),
        }
    }
    format!("{:016x}", digest.finish())
}

/// Splits the parts before the end tag of the body; tells how many come before it: all, where a layout leaves it out.
fn split_at_end(parts: &mut Vec<Part<Arc<Place>>>) -> usize {
    const END: &[u8] = b"</body";
    let find = |bytes: &Bytes| {
        bytes
            .windows(END.len())
            .rposition(|part| part.eq_ignore_ascii_case(END))
    };
    let found = parts.iter().enumerate().rev().find_map(|(at, part)| match part {
        Part::Html(bytes) => find(bytes).map(|end| (at, end, bytes.clone())),
        _ => None,
    });
    let Some((at, end, bytes)) = found else {
        return parts.len();
    };
    parts[at] = Part::Html(bytes.slice(..end));
    parts.insert(at + 1, Part::Html(bytes.slice(end..)));
    at + 1
}

fn place(tag: SlotTag, terms: &manifest::Layout, offers: &Offers) -> Result<Placed, Broken> {
    let source = tag.src.parse::<SlotSource>();
    let place = Arc::new(Place::new(tag));
    let mut offer = None;
    if !place.is_page {
        let source = source.map_err(|error| Broken(format!("a slot's `src` {error}")))?;
        if !terms.includes.contains(&source.fragment) {
            return Err(Broken(format!(
                "slot `{}` must be in the layout's `includes`",
                source.fragment
            )));
        }
        offer = offers.get(&source.fragment).cloned();
    }
    Ok(Placed {
        place,
        offer,
        slot: None,
    })
}
