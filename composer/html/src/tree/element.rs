//! One open element, and what has to be written to keep the markup balanced.

use std::ops::Range;

use bytes::Bytes;

use super::rules::{Marks, Rule};
use crate::{names::Name, piece::Context};

/// The vocabulary an element belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Html,
    Svg,
    Math,
}

/// Longer names are not kept.
pub(super) const LONGEST_NAME: usize = u8::MAX as usize;

/// So many names of that length have a place that [`Element`] can tell.
pub(super) const DEEPEST: usize = u32::MAX as usize / LONGEST_NAME;

/// An open element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) space: Space,
    /// Its start tag was dropped: browsers don't know it.
    pub(super) ghost: bool,
    /// Its end tag was seen, but must wait for what is open in it.
    pub(super) ended: bool,
    /// SVG or MathML whose content is HTML.
    pub(super) integrates_html: bool,
    /// Where its name stands, for `Name::Other`.
    text_from: u32,
    text_length: u8,
    /// The tree's marks without it and all in it.
    pub(super) before: Marks,
}

impl Element {
    pub(super) fn new(name: Name, space: Space) -> Self {
        Self {
            name,
            space,
            ghost: false,
            ended: false,
            integrates_html: false,
            text_from: 0,
            text_length: 0,
            before: Marks::of(Context::NONE),
        }
    }

    /// Notes where its name stands: at most [`LONGEST_NAME`] bytes, and those of at most [`DEEPEST`] elements.
    pub(super) fn set_text(&mut self, from: usize, length: usize) {
        self.text_from = u32::try_from(from).unwrap_or(u32::MAX);
        self.text_length = u8::try_from(length).unwrap_or(u8::MAX);
    }

    pub(super) fn text(&self) -> Range<usize> {
        let from = self.text_from as usize;
        from..from + usize::from(self.text_length)
    }

    /// What it adds to the tree's marks.
    pub(super) fn marks(&self) -> Marks {
        match self.space {
            _ if self.ghost => Marks::GHOST,
            Space::Html => Rule::of(self.name).adds,
            Space::Svg | Space::Math => Marks::FOREIGN,
        }
    }

    pub(super) fn html(name: Name) -> Self {
        Self::new(name, Space::Html)
    }

    /// Whether it is this HTML element and browsers see it.
    pub(super) fn is_html(&self, name: Name) -> bool {
        self.name == name && self.is_live_html()
    }

    pub(super) fn is_live_html(&self) -> bool {
        self.space == Space::Html && !self.ghost
    }

    /// MathML whose content is text and HTML.
    pub(super) fn integrates_text(&self) -> bool {
        use Name::{Mi, Mn, Mo, Ms, Mtext};
        self.space == Space::Math && matches!(self.name, Mi | Mn | Mo | Ms | Mtext)
    }
}

/// Whether an element ends the search "in scope".
///
/// `<select>` does in newer browsers; in older ones nothing but options is ever open in it.
pub(super) fn is_scope_wall(element: &Element) -> bool {
    use Name::{Applet, Caption, Marquee, Object, Select, Table, Td, Template, Th};
    match element.space {
        _ if element.ghost => false,
        Space::Html => matches!(
            element.name,
            Applet | Caption | Marquee | Object | Select | Table | Td | Template | Th
        ),
        Space::Svg | Space::Math => is_special_foreign(element),
    }
}

/// Whether rules that walk over ordinary elements stop here.
pub(super) fn is_special(element: &Element) -> bool {
    match element.space {
        _ if element.ghost => false,
        Space::Html => element.name.is_special(),
        Space::Svg | Space::Math => is_special_foreign(element),
    }
}

/// Whether `<li>`, `<dt>` and `<dd>` look no further for an item that they end.
///
/// SVG's and MathML's special elements should stop them too, but not every parser does that.
pub(super) fn ends_items(element: &Element) -> bool {
    let walked_over = matches!(element.name, Name::Address | Name::Div | Name::P);
    element.is_live_html() && element.name.is_special() && !walked_over
}

fn is_special_foreign(element: &Element) -> bool {
    use Name::{AnnotationXml, Desc, ForeignObject, Title};
    match element.space {
        Space::Html => false,
        Space::Svg => matches!(element.name, ForeignObject | Desc | Title),
        Space::Math => element.integrates_text() || element.name == AnnotationXml,
    }
}

/// Whether formatting elements outside don't reach in here.
pub(super) fn is_marker(element: &Element) -> bool {
    element.is_live_html() && element.name.is_marker()
}

/// What has to be written before a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fix {
    /// The start tag that browsers imply here.
    Start(Name),
    /// An end tag.
    End(Name),
    /// The end tag of an element that no rule knows.
    OtherEnd(Bytes),
    /// The end of a slot.
    SlotEnd,
}

impl Fix {
    pub(super) fn other_end(name: &[u8]) -> Self {
        Self::OtherEnd([b"</", name, b">"].concat().into())
    }
}
