//! Names and types on the wire, shared by composer, BFFs, fragments and shell: parsed values, no IO.
//!
//! Builds for `wasm32-unknown-unknown`. The feature `manifest` adds the reader of `marquetry.toml`;
//! without the feature `std` there are only names: no allocation, no dependencies.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "manifest")]
pub mod manifest;
#[cfg(feature = "manifest")]
pub mod toml_keys;
#[cfg(feature = "manifest")]
mod breach;
#[cfg(feature = "std")]
pub mod admin;
#[cfg(feature = "std")]
pub mod report;
#[cfg(feature = "std")]
pub mod feed;
#[cfg(feature = "std")]
pub mod open_tabs;
#[cfg(feature = "std")]
pub mod composition;
#[cfg(feature = "std")]
pub mod url;
pub mod slot;
#[cfg(feature = "std")]
pub mod params;
#[cfg(feature = "std")]
pub mod route;
pub mod header;
#[cfg(feature = "std")]
pub mod names;

#[cfg(feature = "std")]
pub use composition::Composition;
#[cfg(feature = "std")]
pub use names::{AppName, AppVersion, FragmentId, FragmentName, LayoutId, LayoutName, NameError, Topic, Version};
#[cfg(feature = "std")]
pub use open_tabs::OpenTabs;
#[cfg(feature = "std")]
pub use params::Params;
#[cfg(feature = "std")]
pub use route::{RouteError, RoutePattern, Segment};
#[cfg(feature = "std")]
pub use slot::{Flush, Hydrate, Role, SlotSource, SlotSourceError};
#[cfg(feature = "std")]
pub use url::Prefix;
