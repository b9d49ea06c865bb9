//! From a crate of views to what browsers load. `marquetry build` and `cargo xtask build` share it.

mod module;
mod slim;
mod target;
mod files;
mod step;

pub use files::{copy, modified};
pub use module::{BindError, WASM_BINDGEN, bind, shorten_files};
pub use slim::strip;
pub use step::{Shows, StepError, run};
pub use target::{WASM_TARGET, has_wasm_target};
