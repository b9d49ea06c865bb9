//! Follows which elements are open, so that what leaves a fragment is balanced.
//!
//! The rules are those of <https://html.spec.whatwg.org/multipage/parsing.html#tree-construction>, with one aim: what
//! is sent never makes a browser close, open or move anything by itself. Ends that browsers would imply are written
//! out, ends without a beginning are dropped, and so are tags that would reach out of the fragment.

mod plain;
mod start;
mod foreign;
mod table;
mod end;
mod context;
mod element;
mod rules;

use crate::{error::ScanError, names::Name, piece::Context};

pub(crate) use self::element::Fix;
use self::{
    element::{DEEPEST, Element, Space, is_scope_wall},
    rules::Marks,
};

/// What becomes of a tag, after the fixes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    Drop,
    /// Keep it; raw text follows.
    Raw(Name),
    /// Drop it and the raw text that follows.
    DropRaw(Name),
    /// A slot that has a meaning begins.
    Slot,
    /// A slot element without meaning begins.
    IdleSlot,
}

/// A boundary that rules for start tags don't look across: a slot or a `<noscript>`.
#[derive(Debug, Clone, Copy)]
struct Frame {
    index: usize,
    name: Name,
    outer: Context,
}

/// Most fragments are no deeper.
const USUAL_DEPTH: usize = 16;

/// The open elements.
#[derive(Debug)]
pub(crate) struct Tree {
    open: Vec<Element>,
    /// The names of those that no rule knows, one after the other.
    names: Vec<u8>,
    frames: Vec<Frame>,
    /// Where start tags stop looking for what they close.
    floor: usize,
    context: Context,
    marks: Marks,
    slots: bool,
    depth: usize,
    fixes: Vec<Fix>,
}

impl Tree {
    pub(crate) fn new(slots: bool, depth: usize) -> Self {
        Self {
            open: Vec::with_capacity(USUAL_DEPTH),
            names: Vec::new(),
            frames: Vec::new(),
            floor: 0,
            context: Context::default(),
            marks: Marks::around(Context::NONE),
            slots,
            depth: depth.min(DEEPEST),
            fixes: Vec::new(),
        }
    }

    pub(crate) fn set_context(&mut self, context: Context) {
        self.context = context;
        self.add_marks(0, Marks::of(context));
    }

    /// Adds marks to what is inside of the element below `index`.
    fn add_marks(&mut self, index: usize, marks: Marks) {
        for each in &mut self.open[index..] {
            each.before = each.before.or(marks);
        }
        self.marks = self.marks.or(marks);
    }

    /// What content at this place must respect, as far as it is outside of the innermost slot.
    pub(crate) fn context(&self) -> Context {
        self.context
    }

    /// What has to be written before the tag that was just judged.
    pub(crate) fn take_fixes(&mut self) -> std::vec::Drain<'_, Fix> {
        self.fixes.drain(..)
    }

    pub(crate) fn has_fixes(&self) -> bool {
        !self.fixes.is_empty()
    }

    /// Whether the fixes are nothing but the end of a slot.
    pub(crate) fn fixes_end_a_slot_only(&self) -> bool {
        matches!(self.fixes[..], [Fix::SlotEnd])
    }

    /// Whether the current element is SVG or MathML, where CDATA sections are.
    pub(crate) fn is_foreign(&self) -> bool {
        self.marks.has(Marks::FOREIGN) && self.top().is_some_and(|top| top.space != Space::Html)
    }

    /// Whether all is inside a `<noscript>`, which is text to some browsers and markup to others.
    pub(crate) fn in_noscript(&self) -> bool {
        self.marks.has(Marks::NOSCRIPT)
    }

    /// Closes everything.
    pub(crate) fn close_all(&mut self) {
        self.pop_to(0);
    }

    fn in_slot(&self) -> bool {
        self.frames.iter().any(|frame| frame.name == Name::FragmentSlot)
    }

    /// The innermost element that browsers see.
    fn top(&self) -> Option<&Element> {
        self.open.iter().rev().find(|each| !each.ghost)
    }

    /// Where end tags stop looking for what they close: slots are no obstacle to them, as in browsers.
    fn end_floor(&self) -> usize {
        if self.in_noscript() { self.floor } else { 0 }
    }

    fn push(&mut self, element: Element, text: &[u8]) -> Result<(), ScanError> {
        if self.open.len() >= self.depth {
            return Err(ScanError::Depth { limit: self.depth });
        }
        let mut element = element;
        if element.name == Name::Other {
            element.set_text(self.names.len(), text.len());
            self.names.extend_from_slice(text);
        }
        element.before = self.marks;
        self.marks = self.marks.or(element.marks());
        self.open.push(element);
        Ok(())
    }

    fn push_html(&mut self, name: Name) -> Result<(), ScanError> {
        self.push(Element::html(name), b"")
    }

    /// Notes an element whose start tag is dropped, so that its end tag is too.
    fn push_ghost(&mut self, name: Name) -> Result<Verdict, ScanError> {
        let mut ghost = Element::html(name);
        ghost.ghost = true;
        self.push(ghost, b"")?;
        Ok(Verdict::Drop)
    }

    fn push_frame(&mut self, name: Name) -> Result<(), ScanError> {
        let inner = self.context_here();
        let frame = Frame {
            index: self.open.len(),
            name,
            outer: self.context,
        };
        self.push_html(name)?;
        self.frames.push(frame);
        self.floor = self.open.len();
        self.context = inner;
        self.marks = self.marks.or(Marks::of(inner));
        Ok(())
    }

    /// Closes the innermost element, without a word.
    fn pop_silently(&mut self) -> Option<Element> {
        let element = self.open.pop()?;
        self.marks = element.before;
        if let Some(frame) = self.frames.pop_if(|frame| frame.index == self.open.len()) {
            self.context = frame.outer;
            self.floor = self.frames.last().map_or(0, |frame| frame.index + 1);
        }
        Some(element)
    }

    fn pop(&mut self) {
        let is_slot = self
            .frames
            .last()
            .is_some_and(|frame| frame.index + 1 == self.open.len() && frame.name == Name::FragmentSlot);
        let Some(element) = self.pop_silently() else {
            return;
        };
        let text = &self.names[element.text()];
        match element.name {
            _ if element.ghost => {}
            _ if is_slot => self.fixes.push(Fix::SlotEnd),
            Name::Other => self.fixes.push(Fix::other_end(text)),
            name => self.fixes.push(Fix::End(name)),
        }
        self.forget_name(&element);
    }

    fn forget_name(&mut self, element: &Element) {
        if element.name == Name::Other {
            self.names.truncate(element.text().start);
        }
    }

    /// Closes the element at `index` and all in it, and then those that only waited for it.
    fn pop_to(&mut self, index: usize) {
        while self.open.len() > index {
            self.pop();
        }
        while self.open.last().is_some_and(|last| last.ended) {
            self.pop();
        }
    }

    /// The innermost element that browsers see and `wanted` picks, above the floor and the first `wall`.
    fn find(&self, wanted: impl Fn(&Element) -> bool, wall: impl Fn(&Element) -> bool) -> Found {
        for index in (self.floor..self.open.len()).rev() {
            let each = &self.open[index];
            if each.ghost {
                continue;
            }
            if wanted(each) {
                return Found::At(index);
            }
            if wall(each) {
                return Found::Nowhere;
            }
        }
        Found::Beyond
    }

    /// Closes an open paragraph; false when it stands outside and mustn't be.
    fn close_paragraph(&mut self) -> bool {
        if !self.marks.has(Marks::of(Context::PARAGRAPH)) {
            return true;
        }
        let wall = |each: &Element| is_scope_wall(each) || each.is_html(Name::Button);
        match self.find(|each| each.is_html(Name::P), wall) {
            Found::At(index) => self.pop_to(index),
            Found::Beyond => return !self.context.has(Context::PARAGRAPH),
            Found::Nowhere => {}
        }
        true
    }
}

/// Where an element was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    At(usize),
    /// A wall stands before it, or nothing.
    Nowhere,
    /// Not down to the floor; what is below is for the context to say.
    Beyond,
}
