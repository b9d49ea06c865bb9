//! End tags.

use super::{
    Tree, Verdict,
    element::{Element, Space, is_marker, is_scope_wall, is_special},
    rules::Marks,
};
use crate::{lex::tag::Tag, names::Name};

impl Tree {
    /// Judges an end tag: it closes what browsers would let it close, and is dropped when that is nothing.
    pub(crate) fn end(&mut self, tag: &Tag<'_>) -> Verdict {
        let name = tag.name;
        if self.ends_the_last(name, tag.text) {
            if let Some(element) = self.pop_silently() {
                self.forget_name(&element);
            }
            return Verdict::Keep;
        }
        if matches!(name, Name::Br | Name::P) {
            self.leave_foreign(name);
        }
        let found = if self.is_foreign() {
            self.find_foreign_end(name, tag.text)
        } else {
            self.find_end(name, tag.text)
        };
        match found {
            Some(index) => self.close(index, name),
            // In HTML, `</br>` is a line break.
            None if name == Name::Br => Verdict::Keep,
            None => Verdict::Drop,
        }
    }

    /// Whether it is the end tag of the element that was opened last, as nearly all are: no rule looks further then.
    fn ends_the_last(&self, name: Name, text: &[u8]) -> bool {
        let [outer @ .., last] = &self.open[..] else {
            return false;
        };
        let waits = last.ended || outer.last().is_some_and(|outer| outer.ended);
        self.frames.is_empty() && !waits && last.is_live_html() && self.has_name(last, name, text)
    }

    fn find_foreign_end(&self, name: Name, text: &[u8]) -> Option<usize> {
        for index in (self.end_floor()..self.open.len()).rev() {
            let each = &self.open[index];
            if each.is_live_html() {
                break;
            }
            if each.space != Space::Html && self.has_name(each, name, text) {
                return Some(index);
            }
        }
        self.find_end(name, text)
    }

    fn find_end(&self, name: Name, text: &[u8]) -> Option<usize> {
        use Name::*;
        let same = |each: &Element| each.name == name;
        match name {
            Html | Head | Body | Br => None,
            P => self.find_open(same, |each| is_scope_wall(each) || each.is_html(Button)),
            Li => self.find_open(same, |each| is_scope_wall(each) || each.is_html(Ol) || each.is_html(Ul)),
            name if name.is_heading() => self.find_open(|each| each.name.is_heading(), is_scope_wall),
            Table => self.find_open(same, |each| each.is_html(Template)),
            name if name.is_table_part() => self.find_open(same, |each| each.is_html(Table) || each.is_html(Template)),
            Template | Noscript | FragmentSlot => self.find_slot_or(name),
            name if name.is_formatting() => self.find_open(same, |each| is_marker(each) || each.is_html(Select)),
            name if name.is_block() || matches!(name, Applet | Button | Dd | Dt | Form | Marquee | Object | Select) => {
                self.find_open(same, is_scope_wall)
            }
            _ => self.find_open(|each| self.has_name(each, name, text), is_special),
        }
    }

    /// Template, noscript and slot end at their end tag, whatever is open in them.
    fn find_slot_or(&self, name: Name) -> Option<usize> {
        if name == Name::Noscript {
            let ghost = self.find_open(|each| each.name == name, |_| false);
            return ghost.or_else(|| self.in_noscript().then(|| self.floor - 1));
        }
        self.find_open(|each| each.name == name, |_| false)
    }

    /// The innermost open HTML element that `wanted` picks, ghosts among them, up to the first `wall`.
    fn find_open(&self, wanted: impl Fn(&Element) -> bool, wall: impl Fn(&Element) -> bool) -> Option<usize> {
        for index in (self.end_floor()..self.open.len()).rev() {
            let each = &self.open[index];
            if each.space == Space::Html && !each.ended && wanted(each) {
                return Some(index);
            }
            if !each.ghost && wall(each) {
                return None;
            }
        }
        None
    }

    fn has_name(&self, element: &Element, name: Name, text: &[u8]) -> bool {
        element.name == name && (name != Name::Other || self.names[element.text()].eq_ignore_ascii_case(text))
    }

    /// Closes the element at `index`, with an end tag of its own for everything in it.
    fn close(&mut self, index: usize, name: Name) -> Verdict {
        let element = &self.open[index];
        let formatting = element.space == Space::Html && element.name.is_formatting();
        // A formatting element would be split by browsers: it waits until the blocks in it are closed.
        if element.ghost || formatting && self.open[index + 1..].iter().any(is_special) {
            self.open[index].ended = true;
            self.add_marks(index + 1, Marks::ENDED);
            self.pop_to(self.open.len());
            return Verdict::Drop;
        }
        let below_waits = index.checked_sub(1).is_some_and(|below| self.open[below].ended);
        let is_slot = self.frames.last().is_some_and(|frame| frame.index == index) && name == Name::FragmentSlot;
        if index + 1 == self.open.len() && element.name == name && !below_waits && !is_slot && !self.in_noscript() {
            if let Some(element) = self.pop_silently() {
                self.forget_name(&element);
            }
            return Verdict::Keep;
        }
        self.pop_to(index);
        Verdict::Drop
    }
}
