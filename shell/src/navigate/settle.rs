//! Scroll position, focus and a word to screen readers, as soon as the new page shows something.

use alloc::string::String;

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlAnchorElement};

use super::{
    entries,
    js::{self, NavigateEvent},
};

/// The new page shows something.
pub(super) fn arrive(page: &Document, event: &NavigateEvent) {
    if !is_return(event) {
        match anchor(event) {
            None => js::scroll_to(0.),
            Some(id) => show(page, event, &id),
        }
    }
    mark_current(page);
    js::focus();
    js::say(&page.title(), false);
}

/// All of the new page is there: where one returns to, one finds what one saw.
pub(super) fn end(page: &Document, event: &NavigateEvent) {
    if !is_return(event) {
        // One that came late.
        if let Some(id) = anchor(event) {
            show(page, event, &id);
        }
        return;
    }
    match entries::top(&event.destination().key()) {
        Some(top) => js::scroll_to(top),
        // An entry of another document the browser knows.
        None => drop(event.scroll()),
    }
}

/// Scrolls to what has that id, if it is there and nobody has done so yet.
fn show(page: &Document, event: &NavigateEvent, id: &str) {
    if let Some(element) = page.get_element_by_id(id)
        && event.scroll().is_ok()
    {
        // Firefox 153 scrolls to the top in its stead.
        element.scroll_into_view();
    }
}

/// True where one comes to a place that one has seen: the page is to stand where it stood.
pub(super) fn is_return(event: &NavigateEvent) -> bool {
    event.navigation_type() == "traverse" || event.navigation_type() == "reload"
}

/// What follows `#` in the address.
fn anchor(event: &NavigateEvent) -> Option<String> {
    let url = event.destination().url();
    let (_, id) = url.split_once('#')?;
    (!id.is_empty()).then(|| id.into())
}

/// Says in what stays which of its links lead to where the page is.
fn mark_current(page: &Document) {
    let here = page
        .location()
        .and_then(|location| location.pathname().ok())
        .unwrap_or_default();
    for link in js::all(page, "fragment-slot[persist=fragment] nav a[href]") {
        let path = link.unchecked_ref::<HtmlAnchorElement>().pathname();
        let below = here.strip_prefix(path.as_str()).filter(|_| path != "/");
        let is_here = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        js::set(&link, "aria-current", is_here.then_some("true"));
    }
}
