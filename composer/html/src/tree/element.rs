//! One open element, and what has to be written to keep the markup balanced.

use std::ops::Range;

use bytes::Bytes;

use crate::names::Name;

/// The vocabulary an element belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Html,
    Svg,
    Math,
}

/// An open element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: Name,
    /// Where its name stands, for `Name::Other`.
    pub(super) text: Range<usize>,
    pub(super) space: Space,
    /// Its start tag was dropped: browsers don't know it.
    pub(super) ghost: bool,
    /// Its end tag was seen, but must wait for what is open in it.
    pub(super) ended: bool,
    /// SVG or MathML whose content is HTML.
    pub(super) integrates_html: bool,
}

impl Element {
    pub(super) fn new(name: Name, space: Space) -> Self {
        Self {
            name,
            text: 0..0,
            space,
            ghost: false,
            ended: false,
            integrates_html: false,
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
