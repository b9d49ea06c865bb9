//! Start tags in SVG and MathML.

use super::{Tree, Verdict, element::Element, element::Space};
use crate::{error::ScanError, lex::tag::Tag, names::Name};

impl Tree {
    /// Judges a start tag if SVG or MathML takes it; else closes what the tag breaks out of.
    pub(super) fn start_foreign(&mut self, name: Name, tag: &Tag<'_>) -> Result<Option<Verdict>, ScanError> {
        if !self.takes_foreign(name) {
            return Ok(None);
        }
        if name.breaks_out() || name == Name::Font && is_html_font(tag) {
            self.leave_foreign(name);
            return Ok(None);
        }
        let space = self.top().map_or(Space::Html, |top| top.space);
        self.open_foreign(name, space, tag).map(Some)
    }

    /// Opens an SVG or MathML element. Here, and only here, a self-closing tag closes itself.
    pub(super) fn open_foreign(&mut self, name: Name, space: Space, tag: &Tag<'_>) -> Result<Verdict, ScanError> {
        if !tag.self_closing {
            let mut element = Element::new(name, space);
            element.integrates_html = match (space, name) {
                (Space::Svg, Name::ForeignObject | Name::Desc | Name::Title) => true,
                (Space::Math, Name::AnnotationXml) => tag.attribute("encoding").is_some_and(is_html_encoding),
                _ => false,
            };
            self.push(element, tag.text)?;
        }
        Ok(Verdict::Keep)
    }

    /// Closes SVG and MathML down to where HTML may stand.
    pub(super) fn leave_foreign(&mut self, name: Name) {
        while self.takes_foreign(name) {
            let last = self.open.len() - 1;
            self.pop_to(last);
        }
    }

    fn takes_foreign(&self, name: Name) -> bool {
        let Some(top) = self.top() else {
            return false;
        };
        match (top.space, name) {
            (Space::Html, _) => false,
            _ if top.integrates_html => false,
            (Space::Math, Name::Svg) if top.name == Name::AnnotationXml => false,
            _ if top.integrates_text() => matches!(name, Name::Mglyph | Name::Malignmark),
            _ => true,
        }
    }
}

fn is_html_font(tag: &Tag<'_>) -> bool {
    tag.attributes()
        .any(|each| each.is("color") || each.is("face") || each.is("size"))
}

/// Entities in the value are not decoded: whoever hides the word there gets plain MathML rules, and a balanced end.
fn is_html_encoding(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"text/html") || value.eq_ignore_ascii_case(b"application/xhtml+xml")
}
