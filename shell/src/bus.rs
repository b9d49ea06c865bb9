//! The event bus, which is `bus.js`: the loader sends what fragments publish through it, and the shell tells it of each new page.

use wasm_bindgen::prelude::*;

use crate::host::Host;

#[wasm_bindgen]
extern "C" {
    /// Begins with the page that is there, and lends the bus to the loader.
    #[wasm_bindgen(js_namespace = bus)]
    pub(crate) fn start(host: &Host);

    /// Takes over what another page says of its topics.
    #[wasm_bindgen(js_namespace = bus)]
    pub(crate) fn follow();
}
