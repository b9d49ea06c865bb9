//! Names and types on the wire, shared by composer, BFFs, fragments and shell: parsed values, no IO.
//!
//! Builds for `wasm32-unknown-unknown`. The feature `manifest` adds the reader of `marquetry.toml`.

#[cfg(feature = "manifest")]
pub mod manifest;
#[cfg(feature = "manifest")]
pub mod toml_keys;
#[cfg(feature = "manifest")]
mod breach;
pub mod admin;
pub mod report;
pub mod composition;
pub mod url;
pub mod slot;
pub mod params;
pub mod route;
pub mod header;
pub mod names;

pub use composition::Composition;
pub use names::{AppName, AppVersion, FragmentId, FragmentName, LayoutId, LayoutName, NameError, Topic, Version};
pub use params::Params;
pub use route::{RouteError, RoutePattern, Segment};
pub use slot::{Flush, Hydrate, Role, SlotSource, SlotSourceError};
pub use url::Prefix;
