//! The browser's address and title; on the server nothing here is called.

use leptos::prelude::*;
use web_sys::{MouseEvent, UrlSearchParams};

/// The address of a product with one of its variants chosen.
pub(crate) fn of(id: &str, sku: &str) -> String {
    format!("/product/{id}?sku={sku}")
}

/// True for a plain click; with a modifier or another button it is the browser's own business.
pub(crate) fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
        && !click.default_prevented()
}

/// Shows `href` as the page's address, one step forward in the history.
pub(crate) fn push(href: &str) {
    if let Ok(history) = window().history() {
        // A refusal (too many in a row) leaves the address as it was; the page still shows the variant.
        _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(href));
    }
}

/// Sets the document's title.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// Calls `f` with the SKU in the address, if any, each time a visitor goes back or forward within `/product/{id}`.
pub(crate) fn on_return(id: String, f: impl Fn(Option<String>) + 'static) {
    let path = format!("/product/{id}");
    let handle = window_event_listener_untyped("popstate", move |_| {
        let location = window().location();
        if location.pathname().is_ok_and(|now| now == path) {
            let query = location.search().unwrap_or_default();
            let sku = UrlSearchParams::new_with_str(&query)
                .ok()
                .and_then(|params| params.get("sku"));
            f(sku);
        }
    });
    on_cleanup(move || handle.remove());
}
