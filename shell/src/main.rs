//! The browser side of the composer: keeps the event bus's last values, fills live slots, tells of versions that are gone.
//!
//! Built by trunk (root `Trunk.toml`); the loader starts it after first paint by calling [`start`].

mod live_slot;
mod gone;
mod bus;
mod host;

use wasm_bindgen::prelude::*;

use host::Host;

/// Starts the shell; `host` is what the loader lends it.
///
/// # Errors
/// A text, when there is no document to work on.
#[wasm_bindgen]
pub fn start(host: Host) -> Result<(), JsValue> {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("the shell needs a document")?;
    bus::start(&document)?;
    gone::start(&host)?;
    live_slot::start(&document, host)
}

fn main() {}
