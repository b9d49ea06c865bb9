//! What the loader lends the shell: the fragments' lives stay with the loader.

use alloc::string::String;

use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    /// The object that `loader.js` passes to `start`.
    #[derive(Clone)]
    pub type Host;

    /// The composer's prefix: `/_m`.
    #[wasm_bindgen(method, getter)]
    pub fn prefix(this: &Host) -> String;

    /// Wakes a slot when its `data-hydrate` says so.
    #[wasm_bindgen(method)]
    pub fn schedule(this: &Host, slot: &Element);

    /// Unmounts every fragment in `root`.
    #[wasm_bindgen(method)]
    pub fn sleep(this: &Host, root: &Element);

    /// Puts what stands in `fresh` into a slot: by the fragment in it where it can, else it begins anew.
    #[wasm_bindgen(method)]
    pub fn renew(this: &Host, slot: &Element, fresh: &Element);

    /// Says that a slot's content could not be had, and offers to try again.
    #[wasm_bindgen(method)]
    pub fn fallen(this: &Host, slot: &Element, error: &JsValue);

    /// The `src` that a slot's content answers; empty for a slot that has none yet.
    #[wasm_bindgen(method)]
    pub fn rendered(this: &Host, slot: &Element) -> Option<String>;
}
