//! Says what the content of an element must respect.

use super::{
    Tree,
    element::{Element, ends_items, is_marker, is_scope_wall},
};
use crate::{names::Name, piece::Context};

impl Tree {
    /// What content at this place would close, were it let.
    pub(super) fn context_here(&self) -> Context {
        let mut reached = Context::ALL;
        let mut found = Context::NONE;
        for each in self.open[self.floor()..].iter().rev().filter(|each| !each.ghost) {
            if each.is_live_html() {
                found = found.or(reached.and(closable(each.name)));
            }
            reached = reached.without(sheltered(each));
        }
        found.or(reached.and(self.context))
    }
}

/// What markup inside can close `name` as.
fn closable(name: Name) -> Context {
    use Name::{A, Button, Colgroup, Dd, Dt, Form, Li, Nobr, P, Table, Tr};
    match name {
        P => Context::PARAGRAPH,
        A => Context::LINK,
        Nobr => Context::NOBR,
        Button => Context::BUTTON,
        Form => Context::FORM,
        Li => Context::ITEM,
        Dd | Dt => Context::TERM,
        Table | Tr | Colgroup => Context::TABLE,
        name if name.is_row_group() => Context::TABLE,
        _ => Context::NONE,
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
