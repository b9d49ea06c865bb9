//! Tags that do nothing but open or close their element, as nearly all do.

use super::{
    Tree,
    element::Element,
    rules::{Marks, Rule},
};
use crate::names::Name;

impl Tree {
    /// Takes a start tag if it is kept and nothing is written before it.
    #[inline]
    pub(crate) fn start_plain(&mut self, name: Name) -> bool {
        let rule = Rule::of(name);
        if self.marks.has(rule.stops) {
            return false;
        }
        if !rule.opens {
            return true;
        }
        if self.open.len() >= self.depth {
            return false;
        }
        let mut element = Element::html(name);
        element.before = self.marks;
        self.open.push(element);
        self.marks = self.marks.or(rule.adds);
        true
    }

    /// Takes an end tag if it is that of the innermost element, and that is no slot.
    #[inline]
    pub(crate) fn end_plain(&mut self, name: Name) -> bool {
        if self.marks.has(Marks::STOP_ENDS) || self.open.len() <= self.floor() {
            return false;
        }
        match self.open.pop_if(|last| last.name == name && name != Name::Other) {
            Some(last) => {
                self.marks = last.before;
                true
            }
            None => false,
        }
    }
}
