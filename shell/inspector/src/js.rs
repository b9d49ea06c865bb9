//! What `look.js` does, and what its answers hold.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    /// What there is to see on the page; places are relative to `frame`.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn page(door: &JsValue, frame: &HtmlElement) -> JsValue;
    /// Calls `changed` whenever that may be another; gives what ends it.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn watch(door: &JsValue, host: &HtmlElement, changed: &Closure<dyn FnMut()>) -> Function;
    /// What the composer says of the tab.
    #[wasm_bindgen(js_namespace = look, catch)]
    pub(crate) async fn ask(door: &JsValue, token: &str) -> Result<JsValue, JsValue>;
    /// Has this browser show these versions, a space between, and loads the page anew.
    #[wasm_bindgen(js_namespace = look, catch)]
    pub(crate) async fn choose(door: &JsValue, token: &str, versions: &str) -> Result<JsValue, JsValue>;
    /// Gives the shadow root around `place` its style; gives its host.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn dress(place: &HtmlElement, css: &str) -> HtmlElement;
    /// Focuses what `css` finds in `place`.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn focus(place: &HtmlElement, css: &str);
    /// Scrolls to a slot.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn show(id: u32);
    /// Puts text on the clipboard.
    #[wasm_bindgen(js_namespace = look, catch)]
    pub(crate) async fn copy(text: &str) -> Result<JsValue, JsValue>;
    /// Lets the person keep a file.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn save(name: &str, text: &str);
    /// A moment as `2026-11-23T14:05:00.000Z`.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn time(ms: f64) -> String;
    /// JSON with line breaks.
    #[wasm_bindgen(js_namespace = look)]
    pub(crate) fn pretty(json: &str) -> String;
}

/// A field, unless it is missing.
pub(crate) fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    let found = Reflect::get(value, &name.into()).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}

/// A field with text; empty when it is missing.
pub(crate) fn text(value: &JsValue, name: &str) -> String {
    field(value, name)
        .and_then(|found| found.as_string())
        .unwrap_or_default()
}

/// The same where it may be missing.
pub(crate) fn maybe_text(value: &JsValue, name: &str) -> Option<String> {
    field(value, name).and_then(|found| found.as_string())
}

/// A field with a number.
pub(crate) fn number(value: &JsValue, name: &str) -> Option<f64> {
    field(value, name)
        .and_then(|found| found.as_f64())
        .filter(|number| number.is_finite())
}

pub(crate) fn flag(value: &JsValue, name: &str) -> bool {
    field(value, name).is_some_and(|found| found.is_truthy())
}

/// A field with a list; empty when it is missing.
pub(crate) fn list<T>(value: &JsValue, name: &str, each: impl Fn(&JsValue) -> T) -> Vec<T> {
    let array = field(value, name).and_then(|found| found.dyn_into::<Array>().ok());
    let all = array.iter().flat_map(Array::iter);
    all.map(|found| each(&found)).collect()
}

/// A field with a list of texts.
pub(crate) fn texts(value: &JsValue, name: &str) -> Vec<String> {
    list(value, name, |each| each.as_string().unwrap_or_default())
}

/// What an error says.
pub(crate) fn message(error: &JsValue) -> String {
    maybe_text(error, "message")
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "something broke".into())
}
