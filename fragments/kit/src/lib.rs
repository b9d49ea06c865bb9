//! What every fragment needs, on the server and in the browser.
//!
//! Feature `server` renders a fragment to HTML; feature `hydrate` wakes that HTML in the browser.
//! What views call ([`Slot`], [`link`], [`publish`], [`subscribe`], [`unsaved`], [`api`], [`spawn`]) is there on both sides.
//! `docs/fragment-kit.md` is the guide.

#[cfg(feature = "hydrate")]
pub mod hydrate;
#[cfg(feature = "server")]
pub mod server;
#[cfg(any(feature = "server", feature = "hydrate"))]
mod envelope;
pub mod api;
#[expect(
    unreachable_pub,
    reason = "the component macro makes a second function, reachable from nowhere"
)]
mod slot;
mod bus;
mod unsaved;
mod task;
mod base;
#[cfg(feature = "hydrate")]
mod json;

pub use base::{base, link};
pub use bus::{Event, publish, subscribe, subscribe_from_now, subscribe_resets};
pub use slot::Slot;
pub use task::spawn;
pub use unsaved::unsaved;

/// What [`export_fragments!`] expands to; not for other uses.
#[cfg(feature = "hydrate")]
#[doc(hidden)]
pub mod expansion {
    pub use wasm_bindgen;
    pub use web_sys::HtmlElement;
}
