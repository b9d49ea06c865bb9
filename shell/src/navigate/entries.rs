//! Which entries of the history belong to one page: between these its fragments go by themselves.

use alloc::{string::String, vec::Vec};

use wasm_bindgen::prelude::*;

use super::js::{self, Navigation};
use crate::local::Local;

/// More entries than browsers keep.
const MOST: usize = 128;

struct Entries {
    /// The page that is shown, or on its way.
    page: u32,
    pages: u32,
    known: Vec<Known>,
}

/// An entry of the history.
struct Known {
    key: String,
    page: u32,
    /// Where it was scrolled to when it was left.
    top: Option<f64>,
}

static ENTRIES: Local<Entries> = Local::new(Entries {
    page: 0,
    pages: 0,
    known: Vec::new(),
});

pub(super) fn start(navigation: &Navigation) {
    note();
    let changed = Closure::<dyn Fn()>::new(note);
    js::listen(navigation, "currententrychange", changed.as_ref());
    changed.forget();
}

/// Notes the page that the current entry belongs to.
fn note() {
    with_current(|entries, at| entries.known[at].page = entries.page);
}

/// Notes where the page is scrolled to that is left.
pub(super) fn leave() {
    let top = web_sys::window().and_then(|window| window.scroll_y().ok());
    with_current(|entries, at| entries.known[at].top = top);
}

fn with_current(act: impl FnOnce(&mut Entries, usize)) {
    let entry = js::navigation().and_then(|navigation| navigation.current_entry());
    let Some(key) = entry.map(|entry| entry.key()) else {
        return;
    };
    ENTRIES.with_borrow_mut(|entries| {
        let at = entries.known.iter().position(|known| known.key == key);
        let at = at.unwrap_or_else(|| {
            if entries.known.len() >= MOST {
                entries.known.remove(0);
            }
            let page = entries.page;
            entries.known.push(Known { key, page, top: None });
            entries.known.len() - 1
        });
        act(entries, at);
    });
}

/// Where the entry was scrolled to when it was left.
pub(super) fn top(key: &str) -> Option<f64> {
    ENTRIES.with_borrow(|entries| find(entries, key)?.top)
}

/// True for an entry of the page that is shown.
pub(super) fn is_here(key: &str) -> bool {
    ENTRIES.with_borrow(|entries| page_of(entries, key) == Some(entries.page))
}

/// The next entry is of another page.
pub(super) fn go_on() {
    ENTRIES.with_borrow_mut(|entries| {
        entries.pages += 1;
        entries.page = entries.pages;
    });
}

/// The page of this entry is shown from now on.
pub(super) fn go_to(key: &str) {
    let page = ENTRIES.with_borrow(|entries| page_of(entries, key));
    match page {
        Some(page) => ENTRIES.with_borrow_mut(|entries| entries.page = page),
        None => go_on(),
    }
}

fn page_of(entries: &Entries, key: &str) -> Option<u32> {
    find(entries, key).map(|known| known.page)
}

fn find<'e>(entries: &'e Entries, key: &str) -> Option<&'e Known> {
    entries.known.iter().find(|known| known.key == key)
}
