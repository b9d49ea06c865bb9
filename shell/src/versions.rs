//! Versions other than the tab's own. What is done about them is in `versions.js`, which few tabs ever load.

use wasm_bindgen::prelude::*;
use web_sys::Document;

use crate::host::Host;

/// The `info` of a navigation that loads the page anew, of newer versions.
pub(crate) const UPDATE: &str = "marquetry:update";
/// What the composer tells a tab comes as an event of this name.
const RELEASED: &str = "marquetry:released";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = lent)]
    fn versions(act: &str, host: &Host, is_news: bool);
    /// Has the browser ask before a document goes that holds unsaved changes.
    #[wasm_bindgen(js_namespace = lent)]
    fn guard();
}

/// Looks what is new with every release; guards what isn't saved.
pub(crate) fn start(document: &Document, host: &Host) -> Result<(), JsValue> {
    let host = host.clone();
    let released = Closure::<dyn Fn()>::new(move || look(&host, true));
    document.add_event_listener_with_callback(RELEASED, released.as_ref().unchecked_ref())?;
    released.forget();
    guard();
    Ok(())
}

/// Looks what is new; what is no news, only now and then.
pub(crate) fn look(host: &Host, is_news: bool) {
    versions("released", host, is_news);
}

/// Tells people that a version of the tab has ended.
pub(crate) fn tell_gone(host: &Host) {
    versions("gone", host, false);
}
