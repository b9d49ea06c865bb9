//! A layout's template, parsed once: its head, and its body with the places of slots.

use std::collections::VecDeque;

use bytes::Bytes;
use composer_html::{Context, HeadPart, Limits, Piece, SlotTag};
use contract::{FragmentId, SlotSource, manifest, slot};

use crate::{
    offer::Offers,
    slot::{Part, Place},
};

/// A template that slots can be filled into.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The fragments that it may include.
    pub(crate) includes: Vec<FragmentId>,
    /// Everything up to the end of the head.
    pub(crate) head: Vec<Opening>,
    body: Vec<Part>,
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
        let mut layout = Self {
            includes: terms.includes.clone(),
            head: vec![],
            body: vec![],
        };
        let mut broken = Vec::new();
        let mut in_body = false;
        for piece in pieces {
            match piece {
                Piece::HeadEnd => in_body = true,
                Piece::Head(part) => layout.head.push(Opening::Item(part)),
                Piece::Html(bytes) if in_body => layout.body.push(Part::Html(bytes)),
                Piece::Html(bytes) => layout.head.push(Opening::Html(bytes)),
                Piece::Slot(tag) => match place(tag, terms, offers) {
                    Ok(place) => layout.body.push(Part::Slot(Box::new(place))),
                    Err(rule) => broken.push(rule),
                },
                Piece::Fallback(bytes) => layout.body.push(Part::Fallback(bytes)),
                Piece::SlotEnd => layout.body.push(Part::SlotEnd),
            }
        }
        let pages = layout.places().filter(|place| place.is_page()).count();
        if pages != 1 {
            broken.push(Broken(format!(
                "must have exactly one `<{} {}=\"{}\">`, got {pages}",
                slot::ELEMENT,
                slot::SRC,
                slot::PAGE
            )));
        }
        if broken.is_empty() { Ok(layout) } else { Err(broken) }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        self.body.iter().filter_map(|part| match part {
            Part::Slot(place) => Some(&**place),
            _ => None,
        })
    }

    /// What surrounds the place of a page's own fragment.
    pub(crate) fn page_context(&self) -> Context {
        let mut places = self.places().filter(|place| place.is_page());
        places.next().map(|place| place.context).unwrap_or_default()
    }

    /// The body for one page; `own` makes the place of its own fragment out of the layout's.
    pub(crate) fn parts(&self, own: impl Fn(&Place) -> Part) -> VecDeque<Part> {
        let parts = self.body.iter().map(|part| match part {
            Part::Slot(place) if place.is_page() => own(place),
            part => part.clone(),
        });
        parts.collect()
    }
}

/// Puts `html` before the end tag of the body, or at the end of a layout that leaves that tag out.
pub(crate) fn put_before_end(parts: &mut VecDeque<Part>, html: &Bytes) {
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
        parts.push_back(Part::Html(html.clone()));
        return;
    };
    parts[at] = Part::Html(bytes.slice(..end));
    parts.insert(at + 1, Part::Html(html.clone()));
    parts.insert(at + 2, Part::Html(bytes.slice(end..)));
}

fn place(tag: SlotTag, terms: &manifest::Layout, offers: &Offers) -> Result<Place, Broken> {
    let mut place = Place {
        src: tag.src,
        attributes: tag.attributes,
        context: tag.context,
        offer: None,
        slot: None,
    };
    if place.is_page() {
        return Ok(place);
    }
    let source = place.src.parse::<SlotSource>();
    let source = source.map_err(|error| Broken(format!("a slot's `src` {error}")))?;
    if !terms.includes.contains(&source.fragment) {
        return Err(Broken(format!(
            "slot `{}` must be in the layout's `includes`",
            source.fragment
        )));
    }
    place.offer = offers.get(&source.fragment).cloned();
    Ok(place)
}
