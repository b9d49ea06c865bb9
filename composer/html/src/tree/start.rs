//! Start tags in HTML.

use super::{
    Found, Tree, Verdict,
    element::{LONGEST_NAME, Space, ends_items, is_marker, is_scope_wall, is_special},
    rules::Marks,
};
use crate::{
    error::ScanError,
    lex::tag::Tag,
    names::{Class, Name},
    piece::Context,
};

impl Tree {
    /// Judges a start tag.
    ///
    /// Dropped are, besides what this file's other functions say: `<html>`, `<head>`, `<body>`, `<frameset>`,
    /// `<frame>`, `<base>` and `<plaintext>` always; `<meta>` with `http-equiv` or `charset`; `<template for>`, which
    /// would change another place of the page; names of more than 255 bytes.
    pub(crate) fn start(&mut self, tag: &Tag<'_>) -> Result<Verdict, ScanError> {
        let name = tag.name;
        if tag.text.len() > LONGEST_NAME {
            return Ok(Verdict::Drop);
        }
        // To browsers that run scripts, its end would be that of the outer one, in SVG too.
        if name == Name::Noscript && self.in_noscript() {
            return self.push_ghost(name);
        }
        if let Some(verdict) = self.start_foreign(name, tag)? {
            return Ok(verdict);
        }
        if self.marks.has(Marks::SELECT)
            && let Some(verdict) = self.start_in_select(name)?
        {
            return Ok(verdict);
        }
        self.start_html(name, tag)
    }

    fn start_html(&mut self, name: Name, tag: &Tag<'_>) -> Result<Verdict, ScanError> {
        use Name::*;
        match name {
            Html | Head | Body | Frameset | Frame | Base | Plaintext => Ok(Verdict::Drop),
            Meta if tag.attributes().any(|each| each.is("http-equiv") || each.is("charset")) => Ok(Verdict::Drop),
            Hr if !self.close_paragraph() => Ok(Verdict::Drop),
            Xmp if !self.close_paragraph() => Ok(Verdict::DropRaw(name)),
            Li | Dd | Dt => self.start_item(name),
            A | Nobr => self.start_unnested(name),
            Form => self.start_form(),
            Button => self.start_button(),
            Table => self.start_table(),
            Option | Optgroup => self.start_option(name),
            Rb | Rtc | Rp | Rt => self.start_ruby_part(name),
            Svg => self.open_foreign(name, Space::Svg, tag),
            Math => self.open_foreign(name, Space::Math, tag),
            Noscript => self.push_frame(name).map(|()| Verdict::Keep),
            Template if tag.attribute("for").is_some() => self.push_ghost(name),
            FragmentSlot => self.start_slot(tag),
            name => self.start_of_class(name, tag),
        }
    }

    fn start_of_class(&mut self, name: Name, tag: &Tag<'_>) -> Result<Verdict, ScanError> {
        match name.class() {
            Class::Plain => self.keep(name, tag.text),
            Class::Block => self.start_block(name),
            Class::Heading => self.start_heading(name),
            Class::Void => Ok(Verdict::Keep),
            Class::Raw => Ok(Verdict::Raw(name)),
            Class::TablePart => self.start_table_part(name),
        }
    }

    fn keep(&mut self, name: Name, text: &[u8]) -> Result<Verdict, ScanError> {
        self.push(super::Element::html(name), text)?;
        Ok(Verdict::Keep)
    }

    fn start_block(&mut self, name: Name) -> Result<Verdict, ScanError> {
        if self.close_paragraph() {
            self.keep(name, b"")
        } else {
            self.push_ghost(name)
        }
    }

    fn start_heading(&mut self, name: Name) -> Result<Verdict, ScanError> {
        if !self.close_paragraph() {
            return self.push_ghost(name);
        }
        if self
            .top()
            .is_some_and(|top| top.is_live_html() && top.name.is_heading())
        {
            self.close_top();
        }
        self.keep(name, b"")
    }

    /// `<li>` ends an item of the same list, `<dt>` and `<dd>` a term or description.
    fn start_item(&mut self, name: Name) -> Result<Verdict, ScanError> {
        let (ends, outside): (&[Name], _) = match name {
            Name::Li => (&[Name::Li], Context::ITEM),
            _ => (&[Name::Dd, Name::Dt], Context::TERM),
        };
        match self.find(|each| each.is_live_html() && ends.contains(&each.name), ends_items) {
            Found::At(index) => self.pop_to(index),
            Found::Beyond if self.context.has(outside) => return self.push_ghost(name),
            Found::Beyond | Found::Nowhere => {}
        }
        self.start_block(name)
    }

    /// `<a>` and `<nobr>` end one of their kind, unless whole blocks of that are open: then they are dropped.
    fn start_unnested(&mut self, name: Name) -> Result<Verdict, ScanError> {
        let (wall, outside): (fn(&super::Element) -> bool, _) = match name {
            Name::A => (is_marker, Context::LINK),
            _ => (is_scope_wall, Context::NOBR),
        };
        match self.find(|each| each.is_html(name), wall) {
            Found::At(index) if self.open[index + 1..].iter().any(is_special) => return self.push_ghost(name),
            Found::At(index) => self.pop_to(index),
            Found::Beyond if self.context.has(outside) => return self.push_ghost(name),
            Found::Beyond | Found::Nowhere => {}
        }
        self.keep(name, b"")
    }

    /// A form in a form is dropped, as in browsers; so is one between a table and its cells, which is empty there.
    fn start_form(&mut self) -> Result<Verdict, ScanError> {
        let in_form = match self.find(|each| each.is_html(Name::Form), |each| each.is_html(Name::Template)) {
            Found::At(_) => true,
            Found::Nowhere => false,
            Found::Beyond => self.context.has(Context::FORM),
        };
        if in_form || self.in_table_mode() {
            return self.push_ghost(Name::Form);
        }
        self.start_block(Name::Form)
    }

    fn start_button(&mut self) -> Result<Verdict, ScanError> {
        match self.find(|each| each.is_html(Name::Button), is_scope_wall) {
            Found::At(index) => self.pop_to(index),
            Found::Beyond if self.context.has(Context::BUTTON) => return self.push_ghost(Name::Button),
            Found::Beyond | Found::Nowhere => {}
        }
        self.keep(Name::Button, b"")
    }

    fn start_option(&mut self, name: Name) -> Result<Verdict, ScanError> {
        if self.top().is_some_and(|top| top.is_html(Name::Option)) {
            self.close_top();
        }
        self.keep(name, b"")
    }

    fn start_ruby_part(&mut self, name: Name) -> Result<Verdict, ScanError> {
        // With a ruby around, maybe outside of the slot, it ends what is open in the ruby.
        if self.find(|each| each.is_html(Name::Ruby), is_scope_wall) != Found::Nowhere {
            let stays = |each: Name| each == Name::Rtc && matches!(name, Name::Rp | Name::Rt);
            while self
                .top()
                .is_some_and(|top| top.is_live_html() && top.name.is_implied_end() && !stays(top.name))
            {
                self.close_top();
            }
        }
        self.keep(name, b"")
    }

    /// In `<select>`, browsers old and new differ: what only some take, or take otherwise, is dropped.
    fn start_in_select(&mut self, name: Name) -> Result<Option<Verdict>, ScanError> {
        use Name::*;
        let Found::At(select) = self.find(|each| each.is_html(Select), |each| each.is_html(Template)) else {
            return Ok(None);
        };
        match name {
            Select => {
                self.pop_to(select);
                Ok(Some(Verdict::Drop))
            }
            Input | Keygen | Textarea => {
                self.pop_to(select);
                Ok(None)
            }
            Option | Optgroup | Hr => {
                let group = self.open[select..]
                    .iter()
                    .rposition(|each| name == Option && each.is_html(Optgroup))
                    .unwrap_or(0);
                self.pop_to(select + group + 1);
                Ok(None)
            }
            Script | Button | Div | P | Span | Label | Img | Br | Wbr | Sub | Sup | Other => Ok(None),
            name if name.is_formatting() && !matches!(name, A | Nobr) => Ok(None),
            name if name.is_table_part() => Ok(None),
            name if name.is_raw() => Ok(Some(Verdict::DropRaw(name))),
            _ => Ok(Some(Verdict::Drop)),
        }
    }

    /// A slot counts where a browser has an element of the page: not in a template, not in `<noscript>`.
    fn start_slot(&mut self, tag: &Tag<'_>) -> Result<Verdict, ScanError> {
        let in_template = self.open.iter().any(|each| each.is_html(Name::Template));
        let counts = self.slots && !self.in_slot() && !self.in_noscript() && !in_template;
        if counts && tag.attribute(contract::slot::SRC).is_some() {
            self.push_frame(Name::FragmentSlot)?;
            return Ok(Verdict::Slot);
        }
        self.push_html(Name::FragmentSlot)?;
        Ok(Verdict::IdleSlot)
    }

    /// Closes the innermost element that browsers see, and ghosts in it.
    fn close_top(&mut self) {
        if let Some(index) = self.open.iter().rposition(|each| !each.ghost) {
            self.pop_to(index);
        }
    }
}
