//! Moves the focus where something has changed.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Gives the focus to the element of that id, which must be able to take it; called in the browser only.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // It fails only on an element that has left the page.
        _ = element.focus();
    }
}
