//! Says what the content of an element must respect.

use super::{
    Tree,
    element::{Element, ends_items, is_marker, is_scope_wall},
    rules::closable,
};
use crate::{names::Name, piece::Context};

impl Tree {
    /// What content at this place would close, were it let.
    pub(super) fn context_here(&self) -> Context {
        let mut reached = Context::ALL;
        let mut found = Context::NONE;
        for each in self.open[self.floor..].iter().rev().filter(|each| !each.ghost) {
            if each.is_live_html() {
                found = found.or(reached.and(closable(each.name)));
            }
            reached = reached.without(sheltered(each));
        }
        found.or(reached.and(self.context))
    }
}

/// What stands outside of `element` and can't be closed from inside it.
fn sheltered(element: &Element) -> Context {
    use Name::{Button, Caption, Td, Template, Th};
    let html = |names: &[Name]| element.is_live_html() && names.contains(&element.name);
    let rules = [
        (
            is_scope_wall(element),
            Context::PARAGRAPH.or(Context::BUTTON).or(Context::NOBR),
        ),
        (html(&[Button]), Context::PARAGRAPH),
        (is_marker(element), Context::LINK),
        (html(&[Template]), Context::FORM),
        (html(&[Td, Th, Caption, Template]), Context::TABLE),
        (ends_items(element), Context::ITEM.or(Context::TERM)),
    ];
    let apply = |sum: Context, (applies, what): (bool, Context)| if applies { sum.or(what) } else { sum };
    rules.into_iter().fold(Context::NONE, apply)
}
