//! The browser side of the composer: goes from page to page, keeps the event bus's last values, fills live slots, looks after
//! versions other than the tab's own.
//!
//! Without the standard library, whose panics format text and weigh a fifth of the whole: here a panic is a trap. For the same
//! reason keep out of it what ends in `core::fmt` (`format!`, `to_string`), and maps for a few values. `cargo xtask sizes`.
//!
//! Built by trunk (root `Trunk.toml`); the loader starts it after first paint by calling [`start`].

#![no_std]
#![cfg_attr(target_family = "wasm", no_main)]

extern crate alloc;
#[cfg(not(target_family = "wasm"))]
extern crate std;

mod navigate;
mod live_slot;
mod gone;
mod versions;
mod bus;
mod host;
mod local;
mod decimal;
#[cfg(target_family = "wasm")]
mod runtime;

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
    bus::start(&host);
    gone::start(&host)?;
    versions::start(&document, &host)?;
    navigate::start(&document, &host);
    live_slot::start(&document, host)
}

#[cfg(not(target_family = "wasm"))]
fn main() {}
