//! The slot element, `<fragment-slot src="checkout/mini-cart?sku=AU-02">fallback</fragment-slot>`, and what fills it.

#[cfg(feature = "std")]
mod source;

#[cfg(feature = "std")]
pub use source::{Flush, Hydrate, Role, SlotSource, SlotSourceError};

/// The element's name, as written in HTML.
pub const ELEMENT: &str = "fragment-slot";
/// The attribute that names the fragment and its params.
pub const SRC: &str = "src";
/// The `src` that stands for the page's own fragment, in layouts.
pub const PAGE: &str = "page";
/// Set by the composer: the fragment, `checkout/mini-cart`.
pub const DATA_FRAGMENT: &str = "data-fragment";
/// Set by the composer: the app.
pub const DATA_APP: &str = "data-app";
/// Set by the composer: the app's version on this page.
pub const DATA_VERSION: &str = "data-version";
/// Set by the composer: address of the app's ES module.
pub const DATA_MODULE: &str = "data-module";
/// Set by the composer: address of the app's WASM, when it has one.
pub const DATA_WASM: &str = "data-wasm";
/// Set by the composer: integrity of the WASM (<https://www.w3.org/TR/SRI/>).
pub const DATA_WASM_INTEGRITY: &str = "data-wasm-integrity";
/// Set by the composer: when to wake the fragment, a `Hydrate`.
pub const DATA_HYDRATE: &str = "data-hydrate";
/// Set by the composer: what stands in the slot, `fresh` or `fallback`, or `pending` as long as its content may come.
pub const DATA_STATE: &str = "data-state";
/// Set by the composer where the inspector is offered: where what stands in the slot came from, `fresh`, `hit`, `stale` or `fallback`.
pub const DATA_SOURCE: &str = "data-source";
/// Set by the composer where the inspector is offered: how long that took, from the request on.
pub const DATA_TOOK_MS: &str = "data-took-ms";
/// Set by the composer where the inspector is offered: why a slot shows its fallback, a word.
pub const DATA_WHY: &str = "data-why";
/// Set by the author of a layout: the slot stays when the tab goes from page to page, as long as it would show the same, or,
/// with the value [`PERSIST_FRAGMENT`], as long as it shows the same fragment.
pub const PERSIST: &str = "persist";
/// The value of [`PERSIST`] for a fragment that stays whatever its params are.
pub const PERSIST_FRAGMENT: &str = "fragment";
/// Set by the composer in a part of a page: the tab shows this slot already.
pub const STATE_KEPT: &str = "kept";

/// Slots nested deeper than this are not fetched.
pub const MAX_DEPTH: usize = 5;
/// Slots of one page beyond this number are not fetched.
pub const MAX_PER_PAGE: usize = 64;
