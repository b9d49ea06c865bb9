//! A part of a page as it arrives: written into an inert document, whose slots go over into the page while they are open.
//!
//! The parser goes on to write into an element that was moved, so what arrives is seen at once. Nothing in it runs: scripts
//! that the parser of another document made never do.

use alloc::{string::String, vec::Vec};
use core::mem;

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{Document, Element, HtmlTemplateElement};

use super::{
    js::{self, Written},
    places,
};
use crate::host::Host;

const FRESH: &str = "marquetry:fresh";
const PENDING: &str = "fragment-slot[data-state=pending]";

/// What a step came to.
pub(super) enum Step {
    /// Nothing more is shown before this.
    Later(Promise),
    /// Something new is shown.
    Shown,
    /// More has to arrive.
    Wait,
    Done,
}

pub(super) struct Incoming {
    page: Document,
    host: Host,
    written: Written,
    has_head: bool,
    has_begun: bool,
    ended: bool,
    /// The slots of the layout as the page has them.
    places: Vec<Element>,
    /// The next of them.
    at: usize,
    /// The one that goes on to arrive.
    open: Option<Element>,
    /// All that have come.
    come: Vec<Element>,
}

impl Incoming {
    pub(super) fn new(page: &Document, host: &Host) -> Result<Self, JsValue> {
        let written: Written = page.implementation()?.create_html_document()?.unchecked_into();
        written.open();
        Ok(Self {
            page: page.clone(),
            host: host.clone(),
            written,
            has_head: false,
            has_begun: false,
            ended: false,
            places: places::of(page),
            at: 0,
            open: None,
            come: Vec::new(),
        })
    }

    /// Takes a piece of HTML, or `null` behind the last.
    pub(super) fn write(&mut self, html: &JsValue) {
        self.ended = html.is_null();
        if self.ended {
            self.written.close();
        } else {
            self.written.write(html);
        }
    }

    /// Puts one thing in its place, if it is there.
    pub(super) fn step(&mut self) -> Result<Step, JsValue> {
        let Some(body) = self.written.body() else {
            return Ok(Step::Wait);
        };
        if !self.has_head {
            self.has_head = true;
            return Ok(Step::Later(js::head(&self.written)));
        }
        let first = body.first_element_child();
        if (self.ended || first.is_some())
            && let Some(open) = self.open.take()
        {
            js::set(&open, places::ARRIVING, None);
            self.wake(&open, true);
        }
        let Some(first) = first else {
            if self.ended {
                return self.finish();
            }
            if let Some(open) = &self.open {
                self.wake(open, false);
            }
            return Ok(Step::Wait);
        };
        let is_whole = self.ended || first.next_sibling().is_some();
        if js::is(&first, "fragment-slot:not([data-state=kept])") {
            return self.place(first, is_whole);
        }
        let late = first.get_attribute("for");
        if late.is_some() && !is_whole {
            return Ok(Step::Wait);
        }
        first.remove();
        match late {
            Some(name) => self.put(&first.unchecked_into(), &name),
            None => self.at += usize::from(js::is(&first, contract::slot::ELEMENT)),
        }
        Ok(Step::Shown)
    }

    /// Puts the next slot of the layout in its place as soon as it shows something.
    fn place(&mut self, slot: Element, is_whole: bool) -> Result<Step, JsValue> {
        if !is_whole && slot.first_element_child().is_none() {
            return Ok(Step::Wait);
        }
        if !mem::replace(&mut self.has_begun, true) {
            return Ok(Step::Later(js::transition()));
        }
        let old = self.places.get(self.at).ok_or(JsValue::NULL)?;
        self.at += 1;
        self.host.sleep(old);
        js::set(&slot, places::ARRIVING, Some("true"));
        js::swap(old, &slot);
        self.open = Some(slot.clone());
        self.come.push(slot);
        Ok(Step::Shown)
    }

    /// Puts late content in its place.
    fn put(&self, late: &HtmlTemplateElement, name: &str) {
        let mark = String::from("\"") + name + "\"";
        for slot in js::all(&self.page, PENDING) {
            let start = slot.first_child().and_then(|child| child.node_value());
            if start.is_some_and(|start| start.ends_with(&mark)) {
                js::fill(&slot, &late.content());
                self.wake(&slot, true);
                return;
            }
        }
    }

    /// Wakes a slot, and those in it that are there: when not all of it is, those behind which something follows.
    fn wake(&self, slot: &Element, is_whole: bool) {
        if is_whole {
            self.wake_one(slot);
        }
        for nested in js::all(slot, contract::slot::ELEMENT) {
            if is_whole || js::passed(&nested, slot) {
                self.wake_one(&nested);
            }
        }
    }

    fn wake_one(&self, slot: &Element) {
        if js::is(slot, PENDING)
            && let Some(mark) = slot.last_child()
            && mark.node_value().as_deref() == Some(FRESH)
        {
            mark.unchecked_into::<Element>().remove();
            js::set(slot, contract::slot::DATA_STATE, Some("fresh"));
        }
        if js::near(slot, "[data-state=pending]").is_none() && self.host.rendered(slot).is_none() {
            js::restore(slot);
            self.host.schedule(slot);
        }
    }

    /// What hasn't come by now doesn't come.
    fn finish(&self) -> Result<Step, JsValue> {
        if self.at < self.places.len() {
            return Err(JsValue::NULL);
        }
        for slot in &self.come {
            for nested in js::all(slot, PENDING) {
                js::set(&nested, contract::slot::DATA_STATE, Some("fallback"));
            }
            if js::is(slot, PENDING) {
                js::set(slot, contract::slot::DATA_STATE, Some("fallback"));
            }
            self.wake(slot, true);
        }
        js::clear();
        Ok(Step::Done)
    }
}
